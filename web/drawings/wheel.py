"""The Camelot wheel: tracks by key. Inner ring minor (A), outer ring major (B), 12 at the top.

A key has the same place in every notation, so that neighbours mix whatever they are called.
"""

import math
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

from songnodes.domain.keys import ALL, Key, Notation
from web.drawings.svg import Table, add, drawing, level, linked

SIZE = 460
CENTRE = SIZE / 2
INNER_RADIUS, MIDDLE_RADIUS, OUTER_RADIUS = 82.0, 150.0, 222.0
COLUMNS = ("Camelot", "Key", "Open Key", "Tracks", "Share")


def draw_wheel(
    counts: Mapping[str, int],
    *,
    title: str,
    address: Callable[[str], str] | None = None,
    notation: Notation = Notation.CAMELOT,
) -> Element:
    """Return the wheel of the number of tracks by Camelot code. `address`: page of the tracks of a key.

    Each field has the key in the notation, and below in another one.
    """
    second = Notation.CLASSIC if notation is Notation.CAMELOT else Notation.CAMELOT
    total, highest = sum(counts.values()), max(counts.values(), default=0)
    note = f"{total} tracks by key; the table has the same numbers" if total else "No track has a key"
    root = drawing("wheel", SIZE, SIZE, title, note, links=address is not None)
    for key in ALL:
        count = counts.get(key.camelot, 0)
        group = linked(root, address(key.camelot) if address else None)
        add(group, "title", f"{key.written(notation)}, {key.name}: {count} tracks")
        add(group, "path", d=_sector(key), class_=f"field level-{level(count, highest)}")
        x, y = place(key)
        add(group, "text", key.written(notation), x=x, y=y - 5, class_="middle large")
        add(group, "text", key.written(second), x=x, y=y + 9, class_="middle note")
        add(group, "text", str(count), x=x, y=y + 23, class_="middle")
    add(root, "text", str(total), x=CENTRE, y=CENTRE, class_="middle large")
    add(root, "text", "tracks with a key", x=CENTRE, y=CENTRE + 18, class_="middle note")
    return root


def tabulate_wheel(counts: Mapping[str, int]) -> Table:
    """Return one row per key, in the order of the wheel."""
    total = sum(counts.values())
    rows = (
        (key.camelot, key.name, key.open_key, count, f"{count / total:.0%}" if total else "")
        for key in ALL
        for count in (counts.get(key.camelot, 0),)
    )
    return Table(COLUMNS, tuple(rows))


def place(key: Key) -> tuple[float, float]:
    """Return the centre of the field of a key."""
    inner, outer = _radii(key)
    return _point(_angle(key.number), (inner + outer) / 2)


def _radii(key: Key) -> tuple[float, float]:
    return (INNER_RADIUS, MIDDLE_RADIUS) if key.mode == "minor" else (MIDDLE_RADIUS, OUTER_RADIUS)


def _angle(steps: float) -> float:
    return math.radians(30 * steps - 90)  # 12 at the top, clockwise


def _point(angle: float, radius: float) -> tuple[float, float]:
    return CENTRE + radius * math.cos(angle), CENTRE + radius * math.sin(angle)


def _sector(key: Key) -> str:
    inner, outer = _radii(key)
    first, last = _angle(key.number - 0.5), _angle(key.number + 0.5)
    corners = [_point(first, inner), _point(first, outer), _point(last, outer), _point(last, inner)]
    a, b, c, d = (f"{x:.2f} {y:.2f}" for x, y in corners)
    return f"M{a}L{b}A{outer:g} {outer:g} 0 0 1 {c}L{d}A{inner:g} {inner:g} 0 0 0 {a}Z"
