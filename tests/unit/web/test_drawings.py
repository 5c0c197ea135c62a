"""Drawings: well-formed, inside the view box, gaps where values are unknown, names escaped."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain.keys import ALL, Notation, compatible, read_key
from web.drawings import curve, graph, heat_map, matrix, svg, trend, wheel
from web.drawings.curve import Moment
from web.drawings.graph import Neighbour
from web.drawings.svg import NAMESPACE, Table, document, fragment

CODES = [key.camelot for key in ALL]
HOSTILE = [
    "<script>alert(1)</script>", "\"' onload='x", "]]>", "&amp;", "\x00\x1b[2J", "\ud800", "\u202eevil",
    "</svg>", "=cmd|' /C calc'!A1", "Кино", "عمرو دياب", "javascript:alert(1)", "",
]  # fmt: skip
ROOM = 0.01  # coordinates have two decimals

names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
shares = st.none() | st.floats(0, 1)
codes = st.none() | st.sampled_from(CODES)
counts = st.dictionaries(st.sampled_from(CODES), st.integers(0, 10**7), max_size=24)
moments = st.lists(
    st.builds(
        Moment,
        place=st.floats(0, 1),
        name=names,
        energy=shares,
        bpm=st.none() | st.floats(20, 400),
        key=codes,
        time=st.none() | names,
        ends_part=st.booleans(),
    ),
    max_size=40,
).map(lambda entries: sorted(entries, key=lambda moment: moment.place))
neighbours = st.lists(
    st.builds(
        Neighbour,
        artist_id=names,
        name=names,
        tracks=st.integers(0, 10**6),
        sets=st.integers(0, 10**6),
        overlap=shares,
    ),
    max_size=40,
)
days = st.dates(date(1950, 1, 1), date(2030, 1, 1))
points = st.lists(st.tuples(days, st.none() | st.floats(0, 1e9)), max_size=40).map(
    lambda entries: sorted(entries, key=lambda point: point[0])
)


def parsed(drawing: Element) -> Element:
    """Return a drawing as a reader of its text has it; the same as a file has."""
    ElementTree.fromstring(document(drawing))  # noqa: S314 - our own drawing
    return ElementTree.fromstring(fragment(drawing))  # noqa: S314


def tagged(root: Element, tag: str, class_: str = "") -> list[Element]:
    nodes = root.iter(f"{{{NAMESPACE}}}{tag}")
    return [node for node in nodes if class_ in node.get("class", "").split() or not class_]


def coordinates(root: Element) -> Iterator[tuple[float, float]]:
    """Yield the coordinates of marks and texts, both ends of a rectangle."""
    for node in root.iter():
        get = node.attrib.get
        for x, y in (("x", "y"), ("cx", "cy"), ("x1", "y1"), ("x2", "y2")):
            if x in node.attrib and y in node.attrib:
                yield float(get(x, "")), float(get(y, ""))
        if node.tag.endswith("rect"):
            yield (
                float(get("x", "")) + float(get("width", "")),
                float(get("y", "")) + float(get("height", "")),
            )
        if node.tag.endswith(("polyline", "polygon")):
            for pair in get("points", "").split():
                x, y = pair.split(",")
                yield float(x), float(y)


def assert_inside(drawing: Element) -> Element:
    root = parsed(drawing)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for x, y in coordinates(root):
        assert -ROOM <= x <= width + ROOM and -ROOM <= y <= height + ROOM
    assert root.get("role") in ("img", "group") and root.get("aria-label")
    assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]
    assert not any("style" in node.attrib or node.tag.endswith("style") for node in root.iter())
    return root


def is_rectangular(table: Table) -> bool:
    return all(len(row) == len(table.columns) for row in table.rows)


@given(counts, names)
def test_the_wheel_has_24_fields_once_each(by_key: dict[str, int], title: str) -> None:
    root = assert_inside(wheel.draw_wheel(by_key, title=title, address=lambda key: f"/wheel?key={key}"))
    labels = [text.text for text in tagged(root, "text", "large")][:-1]
    assert sorted(map(str, labels)) == sorted(CODES)
    assert [link.get("href") for link in tagged(root, "a")] == [f"/wheel?key={code}" for code in CODES]
    assert len({path.get("d") for path in tagged(root, "path")}) == 24
    table = wheel.tabulate_wheel(by_key)
    assert is_rectangular(table)
    assert {row[0]: row[3] for row in table.rows} == {code: by_key.get(code, 0) for code in CODES}


def test_compatible_keys_are_neighbours_on_the_wheel() -> None:
    places = {key.camelot: wheel.place(key) for key in ALL}
    for key in ALL:
        x, y = places[key.camelot]
        nearest = sorted(CODES, key=lambda code: (places[code][0] - x) ** 2 + (places[code][1] - y) ** 2)
        reach = 4 if key.mode == "minor" else 6  # fields of the outer ring are wider
        assert set(compatible(key)) <= set(nearest[:reach])


@pytest.mark.parametrize("notation", Notation)
def test_keys_are_written_in_the_chosen_notation(notation: Notation) -> None:
    written = [key.written(notation) for key in ALL]
    root = parsed(wheel.draw_wheel({"8A": 3}, title="Keys", notation=notation))
    assert [text.text for text in tagged(root, "text", "large")][:-1] == written
    root = parsed(matrix.draw_matrix({("8A", "3B"): 2}, title="Moves", notation=notation))
    labels = [
        str(text.text) for text in tagged(root, "text") if text.get("class") in ("end small", "middle small")
    ]
    assert sorted(labels) == sorted([*written, *written, "2"])
    titles = [node.text for node in tagged(root, "title")]
    names = {"camelot": "8A to 3B", "classic": "Am to Db", "open": "1m to 8d"}[notation]
    assert titles[0] == "Moves" and str(titles[1]).startswith(f"{names}: 2 times, ")


@given(moments, st.sampled_from(Notation))
def test_the_curve_writes_keys_in_the_chosen_notation(course: list[Moment], notation: Notation) -> None:
    root = assert_inside(curve.draw_curve(course, title="x", notation=notation))
    keys = [key.written(notation) for moment in course if moment.key and (key := read_key(moment.key))]
    marks = [node for node in root.iter() if node.get("class") == "node"]
    assert [str(mark[0].text).rpartition(": ")[2] for mark in marks] == keys
    assert [row[4] for row in curve.tabulate_curve(course, notation).rows if row[4]] == keys


@pytest.mark.parametrize(("notation", "first", "last"), [("camelot", "1A", "12B"), ("open", "1m", "12d")])
def test_the_matrix_begins_with_the_first_number(notation: str, first: str, last: str) -> None:
    root = parsed(matrix.draw_matrix({}, title="Moves", notation=Notation(notation)))
    labels = [text.text for text in tagged(root, "text") if text.get("class") == "end small"]
    assert (labels[0], labels[-1]) == (first, last)


def test_steps_of_the_curve_follow_the_numbers_of_the_notation() -> None:
    course = [Moment(place=0.2, name="x", key="8A"), Moment(place=0.9, name="y", key="7A")]  # 1m, 12m

    def heights(notation: Notation) -> list[float]:
        root = parsed(curve.draw_curve(course, title="x", notation=notation))
        return [float(node.attrib["cy"]) for node in tagged(root, "circle", "node")]

    low, high = heights(Notation.OPEN)
    assert low > high  # 1 is at the bottom, 12 at the top
    eight, seven = heights(Notation.CAMELOT)
    assert eight < seven
    shown = [
        text.text
        for text in tagged(parsed(curve.draw_curve(course, title="x", notation=Notation.CLASSIC)), "text")
    ]
    assert {"Dbm/E", "Am", "Dm"} <= set(shown)


def test_the_wheel_without_links_is_an_image() -> None:
    root = parsed(wheel.draw_wheel({"8A": 3}, title="Keys"))
    assert root.get("role") == "img" and not tagged(root, "a")


@settings(max_examples=20)
@given(
    st.dictionaries(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), st.integers(0, 10**7)), names
)
def test_the_matrix_has_a_cell_per_move(moves: dict[tuple[str, str], int], title: str) -> None:
    root = assert_inside(matrix.draw_matrix(moves, title=title))
    assert len(tagged(root, "rect", "field")) == 24 * 24
    table = matrix.tabulate_matrix(moves)
    assert is_rectangular(table)
    assert {(row[0], row[1]): row[4] for row in table.rows} == {move: n for move, n in moves.items() if n}
    letters = [text.text for text in tagged(root, "text", "strong")]
    assert len(letters) == len(table.rows) and set(letters) <= set("PCOX")


@given(moments, names)
def test_the_curve_has_gaps_where_values_are_unknown(course: list[Moment], title: str) -> None:
    root = assert_inside(curve.draw_curve(course, title=title))
    value_count = sum(value is not None for moment in course for value in (moment.energy, moment.bpm))
    assert len(tagged(root, "circle", "point")) == value_count
    drawn = sum(len(line.attrib["points"].split()) for line in tagged(root, "polyline"))
    assert drawn == value_count
    assert len(tagged(root, "circle", "node") + tagged(root, "rect", "node")) == sum(
        moment.key is not None for moment in course
    )
    table = curve.tabulate_curve(course)
    assert is_rectangular(table)
    assert [row[2:5] for row in table.rows] == [(moment.energy, moment.bpm, moment.key) for moment in course]


@given(moments)
def test_no_line_crosses_an_unknown_moment_or_the_end_of_a_part(course: list[Moment]) -> None:
    values = [moment.energy for moment in course]
    runs = list(curve.runs(course, values))
    assert [index for run in runs for index in run] == [
        index for index, value in enumerate(values) if value is not None
    ]
    for run in runs:
        assert all(after == before + 1 and not course[before].ends_part for before, after in pairwise(run))


@given(points, names, names, st.booleans())
def test_the_trend_has_a_point_per_value(
    measured: list[tuple[date, float | None]], title: str, unit: str, is_rank: bool
) -> None:
    root = assert_inside(trend.draw_trend(measured, title=title, unit=unit, is_rank=is_rank))
    values = [value for _, value in measured if value is not None]
    assert len(tagged(root, "circle", "point")) == len(values)
    assert is_rectangular(trend.tabulate_trend(measured, unit=unit))


def test_the_best_rank_is_at_the_top() -> None:
    start = date(2026, 1, 1)
    measured = [(start + timedelta(days=day), float(rank)) for day, rank in enumerate((9, 4, 1))]
    for is_rank in (True, False):
        root = parsed(trend.draw_trend(measured, title="x", unit="rank", is_rank=is_rank))
        heights = [float(point.attrib["cy"]) for point in tagged(root, "circle", "point")]
        assert heights == sorted(heights, reverse=is_rank)


@given(st.lists(st.none() | st.floats(-1e6, 1e9), max_size=60), names)
def test_a_sparkline_is_inside_whatever_its_values(values: list[float | None], title: str) -> None:
    root = assert_inside(trend.draw_sparkline(values, title=title))
    marks = sum(len(set(line.attrib["points"].split())) for line in tagged(root, "polyline"))
    assert marks <= sum(value is not None for value in values)


@given(st.lists(names, max_size=8, unique=True), st.lists(names, max_size=6, unique=True), st.data(), names)
def test_the_heat_map_has_a_cell_per_field_and_provider(
    rows: list[str], columns: list[str], data: st.DataObject, title: str
) -> None:
    cells = [(row, column) for row in rows for column in columns]
    by_cell = {cell: data.draw(st.floats(0, 1)) for cell in cells[::2]}
    root = assert_inside(heat_map.draw_heat_map(rows, columns, by_cell, title=title))
    assert len(tagged(root, "rect", "field")) == len(cells)
    table = heat_map.tabulate_heat_map(rows, columns, by_cell)
    assert is_rectangular(table)
    assert sum(cell == "-" for row in table.rows for cell in row[1:]) == len(cells) - len(by_cell)


@given(neighbours, names)
def test_the_graph_is_independent_of_the_order(entries: list[Neighbour], name: str) -> None:
    unique = list({entry.artist_id: entry for entry in entries}.values())
    address = "/artists/{}".format
    root = assert_inside(graph.draw_graph(name, unique, title=name, address=address))
    assert fragment(graph.draw_graph(name, unique[::-1], title=name, address=address)) == fragment(
        graph.draw_graph(name, unique, title=name, address=address)
    )
    assert len(tagged(root, "a")) == min(len(unique), graph.MAX_NEIGHBOURS)
    assert is_rectangular(graph.tabulate_graph(unique))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    drawings = [
        wheel.draw_wheel({}, title=name),
        curve.draw_curve([Moment(place=0.5, name=name, energy=0.5, time=name)], title=name),
        graph.draw_graph(name, [Neighbour(artist_id=name, name=name, tracks=1, sets=1)], title=name),
        heat_map.draw_heat_map([name], [name], {(name, name): 0.5}, title=name),
        trend.draw_trend([(date(2026, 1, 1), 1.0)], title=name, unit=name),
    ]
    for drawing in drawings:
        root = parsed(drawing)
        assert (tagged(root, "title")[0].text or "") == svg.clean(name)
        assert not tagged(root, "script")
        assert "<script" not in document(drawing).split("</style>")[1]


def test_a_file_has_its_own_colours_and_no_variables() -> None:
    text = document(wheel.draw_wheel({"8A": 3}, title="Keys"))
    assert "var(" not in text and "prefers-color-scheme: dark" in text
    root = ElementTree.fromstring(text)  # noqa: S314
    assert root.attrib["width"] == root.attrib["height"] == "460"
    style = next(root.iter(f"{{{NAMESPACE}}}style"))
    assert style.text and svg.LIGHT["--accent"] in style.text and svg.DARK["--accent"] in style.text
    assert svg.LIGHT.keys() == svg.DARK.keys()


def test_the_code_of_a_key_at_the_start_does_not_cover_the_axis() -> None:
    course = [Moment(place=place, name="", key="3B") for place in (0.0, 0.5)]
    texts = [text for text in curve.draw_curve(course, title="").iter("text") if text.text == "3B"]
    first, second = (float(text.get("x", "")) for text in texts)
    assert first - 10 >= curve.LEFT
    assert second == pytest.approx(curve.LEFT + (curve.WIDTH - curve.LEFT - curve.RIGHT) / 2, abs=1)
