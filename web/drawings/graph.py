"""The artists around one artist, on an ellipse in the order of their weight: the same every time."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from web.drawings.svg import Table, add, drawing, linked, shortened

WIDTH, HEIGHT = 720, 540
CENTRE_X, CENTRE_Y = WIDTH / 2, HEIGHT / 2
RADIUS_X, RADIUS_Y = 205.0, 245.0
MAX_NEIGHBOURS = 24
NAME_LENGTH = 20
COLUMNS = ("Artist", "Tracks in common", "Sets in common", "Genre overlap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An artist with tracks in common. `overlap`: of the genres, 0 to 1, None where unknown."""

    artist_id: str
    name: str
    tracks: int
    sets: int
    overlap: float | None = None


def draw_graph(
    name: str,
    neighbours: Sequence[Neighbour],
    *,
    title: str,
    pairs: Mapping[tuple[str, str], int] | None = None,
    address: Callable[[str], str] | None = None,
) -> Element:
    """Return the graph around an artist. `pairs`: tracks in common of neighbours; `address`: their pages."""
    chosen = ranked(neighbours)
    more = len(neighbours) - len(chosen)
    note = f"{len(chosen)} artists with tracks in common" + (f", {more} more are left out" if more else "")
    root = drawing("graph", WIDTH, HEIGHT, title, note, links=address is not None)
    places = {neighbour.artist_id: place(index, len(chosen)) for index, neighbour in enumerate(chosen)}
    for first, second in sorted(pairs or ()):
        if first in places and second in places:
            (x, y), (x2, y2) = places[first], places[second]
            add(root, "line", x1=x, y1=y, x2=x2, y2=y2, class_="chord")
    highest = max((neighbour.tracks for neighbour in chosen), default=1) or 1
    for neighbour in chosen:
        x, y = places[neighbour.artist_id]
        width = 1 + 4 * neighbour.tracks / highest
        add(root, "line", x1=CENTRE_X, y1=CENTRE_Y, x2=x, y2=y, class_="edge", stroke_width=width)
    for neighbour in chosen:
        _add_node(root, neighbour, places[neighbour.artist_id], address)
    add(root, "circle", cx=CENTRE_X, cy=CENTRE_Y, r=9, class_="node centre")
    add(root, "text", shortened(name, NAME_LENGTH), x=CENTRE_X, y=CENTRE_Y - 15, class_="middle large halo")
    if not chosen:
        nothing = "no tracks in common with others"
        add(root, "text", nothing, x=CENTRE_X, y=CENTRE_Y + 30, class_="middle note")
    return root


def tabulate_graph(neighbours: Sequence[Neighbour]) -> Table:
    """Return one row per artist, those with the most tracks in common first."""
    rows = (
        (entry.name, entry.tracks, entry.sets, "" if entry.overlap is None else f"{entry.overlap:.0%}")
        for entry in sorted(neighbours, key=_order)
    )
    return Table(COLUMNS, tuple(rows))


def ranked(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the neighbours that are drawn, the closest first; independent of their order."""
    return sorted(neighbours, key=_order)[:MAX_NEIGHBOURS]


def place(index: int, count: int) -> tuple[float, float]:
    """Return the place of a neighbour: from the top, clockwise."""
    angle = 2 * math.pi * (index + 0.5) / max(1, count) - math.pi / 2
    return CENTRE_X + RADIUS_X * math.cos(angle), CENTRE_Y + RADIUS_Y * math.sin(angle)


def _order(neighbour: Neighbour) -> tuple[int, int, str]:
    return (-neighbour.tracks, -neighbour.sets, neighbour.artist_id)


def _add_node(
    root: Element, neighbour: Neighbour, at: tuple[float, float], address: Callable[[str], str] | None
) -> None:
    x, y = at
    node = linked(root, address(neighbour.artist_id) if address else None)
    add(node, "title", f"{neighbour.name}: {neighbour.tracks} tracks, {neighbour.sets} sets in common")
    add(node, "circle", cx=x, cy=y, r=6, class_="node")
    is_left = x < CENTRE_X
    text = f"{shortened(neighbour.name, NAME_LENGTH)} ({neighbour.tracks})"
    side = "end" if is_left else None
    add(node, "text", text, x=x - 11 if is_left else x + 11, y=y + 4, class_=side)
