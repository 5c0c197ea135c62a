"""Shares as a field of rows and columns: coverage of fields by provider."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from web.drawings.svg import Table, add, clean, drawing, level, shortened

CELL_WIDTH, CELL_HEIGHT = 64, 26
LEFT, TOP = 150, 84
LABEL_LENGTH = 20

Shares = Mapping[tuple[str, str], float]


def draw_heat_map(rows: Sequence[str], columns: Sequence[str], shares: Shares, *, title: str) -> Element:
    """Return the share (0 to 1) of each row (field) and column (provider); absent ones are marked "-"."""
    width = LEFT + CELL_WIDTH * len(columns) + 40
    note = f"{len(rows)} fields by {len(columns)} providers; the table has the same values"
    root = drawing("heat-map", width, TOP + CELL_HEIGHT * len(rows) + 8, title, note)
    for index, column in enumerate(columns):
        x = LEFT + CELL_WIDTH * (index + 0.5)
        turn = f"rotate(-35 {x:g} {TOP - 8})"
        add(root, "text", shortened(column, 14), x=x, y=TOP - 8, class_="note", transform=turn)
    for line, row in enumerate(rows):
        y = TOP + CELL_HEIGHT * line
        label = add(root, "text", shortened(row, LABEL_LENGTH), x=LEFT - 8, y=y + 17, class_="end")
        add(label, "title", row)
        for index, column in enumerate(columns):
            share = shares.get((row, column))
            x = LEFT + CELL_WIDTH * index
            shade = f"field level-{level(share or 0.0, 1.0)}"
            cell = add(root, "g")
            add(cell, "title", f"{row}, {column}: {_shown(share)}")
            cell_width, height = CELL_WIDTH - 2, CELL_HEIGHT - 2
            add(cell, "rect", x=x + 1, y=y + 1, width=cell_width, height=height, class_=shade)
            add(cell, "text", _shown(share), x=x + CELL_WIDTH / 2, y=y + 17, class_="middle small")
    return root


def tabulate_heat_map(rows: Sequence[str], columns: Sequence[str], shares: Shares) -> Table:
    """Return one row per field, one column per provider."""
    body = ((row, *(_shown(shares.get((row, column))) for column in columns)) for row in rows)
    return Table(("Field", *map(clean, columns)), tuple(body))


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
