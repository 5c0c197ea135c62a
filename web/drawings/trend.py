"""Values over days: a line with axes, and a sparkline without."""

from collections.abc import Sequence
from datetime import date
from xml.etree.ElementTree import Element

from web.drawings.svg import Table, add, drawing, number

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 30, 28
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 96, 24, 3

Point = tuple[date, float | None]


def draw_trend(points: Sequence[Point], *, title: str, unit: str, is_rank: bool = False) -> Element:
    """Return the line of values in the order of their days, with gaps for None.

    `unit` names the values. With `is_rank` the lowest value is at the top, else the scale begins at 0.
    """
    values = [value for _, value in points if value is not None]
    root = drawing("trend", WIDTH, HEIGHT, title, _described(points, unit))
    add(root, "text", unit, x=LEFT, y=16, class_="strong")
    bottom = HEIGHT - BOTTOM
    add(root, "path", d=f"M{LEFT} {bottom}H{WIDTH - RIGHT}", class_="axis")
    if not values:
        add(root, "text", "no values yet", x=WIDTH / 2, y=HEIGHT / 2, class_="middle note")
        return root
    low, high = (min(values) if is_rank else min(0.0, *values)), max(values)
    high = high if high > low else low + 1

    def y(value: float) -> float:
        share = (value - low) / (high - low)
        return TOP + (bottom - TOP) * (share if is_rank else 1 - share)

    for value in (low, (low + high) / 2, high):
        add(root, "path", d=f"M{LEFT} {number(y(value))}H{WIDTH - RIGHT}", class_="grid")
        add(root, "text", _shown(value), x=LEFT - 6, y=y(value) + 4, class_="end note")
    places = _places([day for day, _ in points])
    for run in _runs([value for _, value in points]):
        line = [f"{number(places[index])},{number(y(points[index][1] or 0.0))}" for index in run]
        if not is_rank and len(run) > 1:
            ends = f"{number(places[run[-1]])},{bottom} {number(places[run[0]])},{bottom}"
            add(root, "polygon", points=" ".join([*line, ends]), class_="area")
        add(root, "polyline", points=" ".join(line), class_="curve")
    for place, (day, measured) in zip(places, points, strict=True):
        if measured is not None:
            point = add(root, "circle", cx=place, cy=y(measured), r=3, class_="point")
            add(point, "title", f"{day:%Y-%m-%d}: {_shown(measured)}")
    add(root, "text", f"{points[0][0]:%Y-%m-%d}", x=places[0], y=HEIGHT - 8, class_="note")
    if len(points) > 1:
        add(root, "text", f"{points[-1][0]:%Y-%m-%d}", x=places[-1], y=HEIGHT - 8, class_="note end")
    return root


def tabulate_trend(points: Sequence[Point], *, unit: str) -> Table:
    """Return one row per day."""
    return Table(("Day", unit), tuple((f"{day:%Y-%m-%d}", value) for day, value in points))


def draw_sparkline(values: Sequence[float | None], *, title: str) -> Element:
    """Return a small line of values at equal distances, with gaps for None; the scale begins at 0."""
    shown = ", ".join("unknown" if value is None else _shown(value) for value in values)
    root = drawing("sparkline", SPARK_WIDTH, SPARK_HEIGHT, title, shown or "no values")
    present = [value for value in values if value is not None]
    low, high = min(0.0, *present) if present else 0.0, max(present, default=0.0)
    span = (high - low) or 1.0
    bottom = SPARK_HEIGHT - SPARK_MARGIN
    width = SPARK_WIDTH - 2 * SPARK_MARGIN
    step = width / max(1, len(values) - 1)
    add(root, "path", d=f"M{SPARK_MARGIN} {bottom}H{SPARK_MARGIN + width}", class_="grid")
    for run in _runs(values):
        line = [
            f"{number(SPARK_MARGIN + step * index)},"
            f"{number(bottom - (bottom - SPARK_MARGIN) * ((values[index] or 0.0) - low) / span)}"
            for index in run
        ]
        add(root, "polyline", points=" ".join(line * (2 if len(line) == 1 else 1)), class_="curve")
    return root


def _places(days: Sequence[date]) -> list[float]:
    """Return the x of each day, of one day alone the left end."""
    first, span = days[0], max(1, (days[-1] - days[0]).days)
    width = WIDTH - LEFT - RIGHT
    return [LEFT + width * min(1.0, max(0.0, (day - first).days / span)) for day in days]


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    lists: list[list[int]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            lists.append([])
        else:
            lists[-1].append(index)
    return [run for run in lists if run]


def _described(points: Sequence[Point], unit: str) -> str:
    if not points:
        return f"{unit}: no values yet"
    return f"{unit} from {points[0][0]:%Y-%m-%d} to {points[-1][0]:%Y-%m-%d}; the table has the same values"


def _shown(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
