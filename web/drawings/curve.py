"""The course of a set: energy, tempo and key of its moments, with gaps where a value is unknown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from songnodes.domain.keys import Key, Notation, read_key
from web.drawings.svg import Table, add, drawing, number

WIDTH = 760
LEFT, RIGHT = 52, 14
TOP, PANEL_HEIGHT, PANEL_GAP = 26, 96, 40
KEY_PANEL_HEIGHT = 150
HEIGHT = TOP + 2 * PANEL_HEIGHT + KEY_PANEL_HEIGHT + 2 * PANEL_GAP + 34
COLUMNS = ("Moment", "Place", "Energy", "BPM", "Key", "Name")
BPM_MARGIN = 1.0  # BPM above and below the curve
KEY_STEPS = 12
LABEL_HALF_WIDTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment of a set. `place`: 0 to 1. `energy`: 0 to 1. `key`: Camelot code. None where unknown.

    `ends_part`: the next moment is in another part, so no line leads to it.
    """

    place: float
    name: str
    energy: float | None = None
    bpm: float | None = None
    key: str | None = None
    time: str | None = None
    ends_part: bool = False


def draw_curve(moments: Sequence[Moment], *, title: str, notation: Notation = Notation.CAMELOT) -> Element:
    """Return energy, tempo and key of the moments of a set over time."""
    root = drawing("set-curve", WIDTH, HEIGHT, title, _described(moments))
    energies = [moment.energy for moment in moments]
    tempi = [moment.bpm for moment in moments]
    tempo_values = [tempo for tempo in tempi if tempo is not None]
    low, high = (
        (min(tempo_values) - BPM_MARGIN, max(tempo_values) + BPM_MARGIN) if tempo_values else (0.0, 1.0)
    )
    top = float(TOP)
    _add_panel(root, moments, energies, top, ("Energy", 0.0, 1.0, "{:.1f}"))
    top += PANEL_HEIGHT + PANEL_GAP
    _add_panel(root, moments, tempi, top, ("BPM", low, high, "{:.0f}"))
    top += PANEL_HEIGHT + PANEL_GAP
    _add_keys(root, moments, top, notation)
    for moment, anchor in ((moments[0], ""), (moments[-1], " end")) if moments else ():
        label = moment.time or ("start" if not anchor else "end")
        add(root, "text", label, x=_x(moment), y=HEIGHT - 8, class_=f"note{anchor}")
    return root


def tabulate_curve(moments: Sequence[Moment], notation: Notation = Notation.CAMELOT) -> Table:
    """Return one row per moment; None where a value is unknown."""
    rows = []
    for number_, moment in enumerate(moments, start=1):
        key = read_key(moment.key) if moment.key else None
        shown_key = key.written(notation) if key else moment.key
        place = moment.time or f"{moment.place:.0%}"
        rows.append((number_, place, moment.energy, moment.bpm, shown_key, moment.name))
    return Table(COLUMNS, tuple(rows))


def coverage(values: Sequence[object | None]) -> float:
    """Return the share of the values that are known, 0 to 1."""
    return sum(value is not None for value in values) / len(values) if values else 0.0


def runs(moments: Sequence[Moment], values: Sequence[float | None]) -> Iterator[list[int]]:
    """Yield the places of neighbouring moments with values: a line is drawn within each run only."""
    run: list[int] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append(index)
        if run and (value is None or moments[index].ends_part):
            yield run
            run = []
    if run:
        yield run


def _described(moments: Sequence[Moment]) -> str:
    if not moments:
        return "The set has no rows"
    shares = (
        ("energy", [moment.energy for moment in moments]),
        ("tempo", [moment.bpm for moment in moments]),
        ("key", [moment.key for moment in moments]),
    )
    parts = ", ".join(f"{name} {coverage(values):.0%}" for name, values in shares)
    return f"{len(moments)} moments; known: {parts}. The table has the same values"


def _x(moment: Moment) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, moment.place))


def _add_panel(
    root: Element,
    moments: Sequence[Moment],
    values: Sequence[float | None],
    top: float,
    scale: tuple[str, float, float, str],
) -> None:
    name, low, high, form = scale
    _add_frame(root, name, values, top, PANEL_HEIGHT)
    if coverage(values) == 0:
        return

    def y(value: float) -> float:
        return top + PANEL_HEIGHT * (1 - min(1.0, max(0.0, (value - low) / (high - low))))

    for value in (low, (low + high) / 2, high):
        add(root, "text", form.format(value), x=LEFT - 6, y=y(value) + 4, class_="end note")
        add(root, "path", d=f"M{LEFT} {number(y(value))}H{WIDTH - RIGHT}", class_="grid")
    _add_gaps(root, moments, values, top, PANEL_HEIGHT)
    for run in runs(moments, values):
        points = " ".join(f"{number(_x(moments[index]))},{number(y(values[index] or 0.0))}" for index in run)
        add(root, "polyline", points=points, class_="curve")
    for moment, measured in zip(moments, values, strict=True):
        if measured is not None:
            point = add(root, "circle", cx=_x(moment), cy=y(measured), r=3.5, class_="point")
            add(point, "title", f"{moment.name}: {name} {measured:g}")


def _add_frame(root: Element, name: str, values: Sequence[object | None], top: float, height: float) -> None:
    add(root, "text", name, x=LEFT, y=top - 8, class_="strong")
    share = f"{coverage(values):.0%} of the moments known"
    add(root, "text", share, x=WIDTH - RIGHT, y=top - 8, class_="end note")
    if coverage(values) == 0:
        add(root, "path", d=f"M{LEFT} {number(top + height)}H{WIDTH - RIGHT}", class_="axis")
        middle = (LEFT + WIDTH - RIGHT) / 2
        add(root, "text", "unknown", x=middle, y=top + height / 2, class_="middle note")


def _add_gaps(
    root: Element, moments: Sequence[Moment], values: Sequence[object | None], top: float, height: float
) -> None:
    """Shade the time of moments without a value, from halfway to each neighbour."""
    places = [_x(moment) for moment in moments]
    for index, value in enumerate(values):
        if value is None:
            first = (places[max(0, index - 1)] + places[index]) / 2
            last = (places[min(len(places) - 1, index + 1)] + places[index]) / 2
            add(root, "rect", x=first, y=top, width=max(0.0, last - first), height=height, class_="gap")


def _step_name(step: int, notation: Notation) -> str:
    """Return the label of a number: of notes the minor key with its relative."""
    if notation is not Notation.CLASSIC:
        return str(step)
    minor = Key(number=step, mode="minor")
    return f"{minor.classic}/{minor.relative.classic}"


def _add_keys(root: Element, moments: Sequence[Moment], top: float, notation: Notation) -> None:
    keys = [read_key(moment.key) if moment.key else None for moment in moments]
    _add_frame(root, "Key (○ minor, □ major)", keys, top, KEY_PANEL_HEIGHT)
    if coverage(keys) == 0:
        return

    def y(steps: int) -> float:
        return top + KEY_PANEL_HEIGHT * (1 - (steps - 0.5) / KEY_STEPS)

    for steps in (1, 4, 7, 10, 12):
        add(root, "text", _step_name(steps, notation), x=LEFT - 6, y=y(steps) + 4, class_="end note")
        add(root, "path", d=f"M{LEFT} {number(y(steps))}H{WIDTH - RIGHT}", class_="grid")
    _add_gaps(root, moments, keys, top, KEY_PANEL_HEIGHT)
    last_label = -100.0
    for moment, key in zip(moments, keys, strict=True):
        if key is None:
            continue
        step = key.step(notation)
        x, height = _x(moment), y(step)
        if key.mode == "minor":
            mark = add(root, "circle", cx=x, cy=height, r=5, class_="node")
        else:
            mark = add(root, "rect", x=x - 4.5, y=height - 4.5, width=9, height=9, class_="node")
        add(mark, "title", f"{moment.name}: {key.written(notation)}")
        if x - last_label >= 22:  # else the codes would cover each other
            label_y = height - 8 if step < KEY_STEPS else height + 17
            label_x = max(x, LEFT + LABEL_HALF_WIDTH)  # not over the numbers of the axis
            add(root, "text", key.written(notation), x=label_x, y=label_y, class_="middle small")
            last_label = x
