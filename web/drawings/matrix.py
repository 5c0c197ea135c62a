"""Moves from key to key, 24 by 24: rows are the key that plays, columns the key that follows."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from songnodes.domain.harmonic import relation
from songnodes.domain.keys import ALL, Key, Notation
from web.drawings.svg import Table, add, drawing, level

CELL = 24
MARGIN = 44
LEGEND_HEIGHT = 34
WIDTH = MARGIN + CELL * len(ALL) + 4
HEIGHT = MARGIN + CELL * len(ALL) + LEGEND_HEIGHT
#: One letter per class of a move, next to its colour.
LETTERS = {"perfect": "P", "compatible": "C", "possible": "O", "clash": "X"}
LEGEND = "Letters: P perfect, C compatible, O possible, X clash. Darker: more moves."
COLUMNS = ("From", "To", "Move", "Class", "Times")
Moves = Mapping[tuple[str, str], int]


def draw_matrix(moves: Moves, *, title: str, notation: Notation = Notation.CAMELOT) -> Element:
    """Return the matrix of the number of moves by Camelot codes (playing, following)."""
    total, highest = sum(moves.values()), max(moves.values(), default=0)
    note = f"{total} moves between keys; the table has the same numbers" if total else "No move is known"
    root = drawing("matrix", WIDTH, HEIGHT, title, note)
    order = _order(notation)
    for place, key in enumerate(order):
        middle = MARGIN + CELL * (place + 0.5)
        add(root, "text", key.written(notation), x=MARGIN - 6, y=middle + 4, class_="end small")
        add(root, "text", key.written(notation), x=middle, y=MARGIN - 8, class_="middle small")
    add(root, "text", "following key →", x=MARGIN, y=14, class_="note")
    add(root, "text", "↓ key", x=2, y=MARGIN - 8, class_="note")
    for row, current in enumerate(order):
        for column, following in enumerate(order):
            count = moves.get((current.camelot, following.camelot), 0)
            cell = add(root, "g")
            if count:
                names = f"{current.written(notation)} to {following.written(notation)}"
                move = relation(current, following).move
                add(cell, "title", f"{names}: {count} times, {move}")
            _add_cell(cell, MARGIN + CELL * column, MARGIN + CELL * row, current, following, count, highest)
    add(root, "text", LEGEND, x=MARGIN, y=HEIGHT - 10, class_="note")
    return root


def _order(notation: Notation) -> list[Key]:
    """Return one ring after the other, so that steps along the wheel are neighbours."""
    return sorted(ALL, key=lambda key: (key.mode == "major", key.step(notation)))


def _add_cell(
    cell: Element, x: float, y: float, current: Key, following: Key, count: int, highest: int
) -> None:
    move = relation(current, following)
    shade = f"field level-{level(count, highest)}" + (f" {move.kind}" if count else "")
    add(cell, "rect", x=x + 1, y=y + 1, width=CELL - 2, height=CELL - 2, class_=shade)
    if count:
        shown = str(count) if count < 1000 else f"{count // 1000}k"
        add(cell, "text", LETTERS[move.kind], x=x + 4, y=y + 10, class_="small strong")
        add(cell, "text", shown, x=x + CELL - 3, y=y + CELL - 4, class_="end small")


def tabulate_matrix(moves: Moves) -> Table:
    """Return one row per move that was made, the most frequent first."""
    keys = {key.camelot: key for key in ALL}
    rows = []
    for (current, following), count in sorted(moves.items(), key=lambda entry: (-entry[1], entry[0])):
        if count:
            move = relation(keys[current], keys[following])
            rows.append((current, following, move.move, f"{LETTERS[move.kind]} {move.kind}", count))
    return Table(COLUMNS, tuple(rows))
