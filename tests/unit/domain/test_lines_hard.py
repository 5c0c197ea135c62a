"""Invented difficult lines: names with words of the vocabulary, odd brackets, several guests."""

from itertools import product
from pathlib import Path

import pytest

from songnodes import yaml_text
from songnodes.domain.lines import Line, read_line

FOLDER = Path(__file__).parent
LINES = [
    line
    for name in ("lines_hard.golden.yaml", "lines_unseen.golden.yaml")
    for line in yaml_text.load((FOLDER / name).read_text("utf-8"))
]

#: Names of artists that contain a word which otherwise means a version, variant, kind or number.
NAMES = (
    "Dub Pistols",
    "Edit Select",
    "Mix Mup",
    "Extended Play",
    "Remix Kid",
    "VIP Lounge Crew",
    "Radio Slave",
    "Original Sin",
    "Club 8",
    "Live Wire Nine",
    "Acapella Jones",
    "Deep Dish",
    "Dark Globe",
    "Vocal Kin",
    "Night Owl Gang",
    "Short Bus Heroes",
    "Album Leaf Co",
    "Digital Otto",
    "Piano Fantasia",
    "Techno Animal",
    "Instrumental Zoe",
    "Part Time Nils",
    "Mashup Martha",
    "Version Veit",
)
FORMS = (
    ("A - Song ({name} Remix)", "remix", "regular"),
    ("A - Song ({name} Extended Remix)", "remix", "extended"),
    ("A - Song ({name} Edit)", "remix", "regular"),
    ("A - Song [{name} Rework]", "remix", "regular"),
    ("A - Song (Remix by {name})", "remix", "regular"),
    ("A - Song - {name} Remix", "remix", "regular"),
    ("A - Song ({name} Dub) [Night Office]", "dub", "regular"),
)


def line_fields(line: Line) -> dict[str, object]:
    """Return the fields of a line under the short names of the file, defaults left out."""
    fields: dict[str, object] = {
        "a": list(line.artists),
        "f": list(line.featured),
        "t": line.title,
        "v": line.version_family,
        "w": list(line.version_artists),
        "s": line.stem,
        "var": line.variant,
        "lab": list(line.labels),
        "cat": line.catalogue,
    }
    return {field: value for field, value in fields.items() if value not in ([], None, "regular")}


@pytest.mark.parametrize("wanted", LINES, ids=lambda wanted: wanted["l"])
def test_difficult_lines_are_read_as_expected(wanted: dict[str, object]) -> None:
    expected = dict(wanted)
    links, label = expected.pop("links", []), expected.pop("page", None)
    line = read_line(str(expected.pop("l")), links=links, label=label)  # type: ignore[arg-type]
    assert line_fields(line) == {"a": ["A"], "t": "Song"} | expected


@pytest.mark.parametrize(("name", "form"), list(product(NAMES, FORMS)), ids=str)
def test_words_of_versions_in_names_are_kept(name: str, form: tuple[str, str, str]) -> None:
    text, family, variant = form
    line = read_line(text.format(name=name))
    assert (line.version_artists, line.version_family, line.variant) == ((name,), family, variant)
    assert (line.artists, line.title) == (("A",), "Song")


@pytest.mark.parametrize("name", NAMES)
def test_words_of_versions_in_artist_names_are_kept(name: str) -> None:
    line = read_line(f"{name} - Song (Zorn Quill Remix)")
    assert (line.artists, line.title, line.version_artists) == ((name,), "Song", ("Zorn Quill",))
    assert read_line(f"A feat. {name} - Song").featured == (name,)
