"""The golden file of lines, and properties of every line in it."""

import time
from pathlib import Path
from typing import Any

import pytest

from songnodes import yaml_text
from songnodes.domain.lines import explain_line, read_line

GOLDEN: list[dict[str, Any]] = yaml_text.load(
    (Path(__file__).parent / "lines.golden.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("wanted", GOLDEN, ids=lambda wanted: wanted["l"][:60])
def test_a_golden_line_is_read_as_expected(wanted: dict[str, Any]) -> None:
    links = wanted.get("links", [])
    line = read_line(wanted["l"], version_note=wanted.get("note"), byline=wanted.get("by"), links=links)

    assert line.status == wanted.get("st", "identified")
    assert line.raw == wanted["l"]
    assert list(line.artists) == wanted.get("a", [line.credit])
    assert line.credit_split is not wanted.get("open", False)
    assert list(line.featured) == wanted.get("f", [])
    assert line.base_title == wanted["t"]
    assert list(line.other_tokens) == wanted.get("sub", [])
    assert line.version_family == wanted.get("v")
    assert line.version_text == wanted.get("x")
    assert list(line.version_artists) == wanted.get("w", [])
    if "k" in wanted:
        assert list(line.version_keys) == wanted["k"]
    assert line.stem == wanted.get("s", "regular")
    assert line.variant == wanted.get("var", "regular")
    assert line.label == wanted.get("label")
    assert line.catalogue == wanted.get("cat")
    if "parts" in wanted:
        assert len(line.mashup_of) == wanted["parts"]


def test_golden_file_is_large_enough_and_has_no_repeats() -> None:
    lines = [(w["l"], w.get("note"), w.get("by"), tuple(w.get("links", ()))) for w in GOLDEN]
    assert len(lines) == len(set(lines)) >= 450


def test_the_explanation_ends_with_the_result() -> None:
    text = "Deadmau5 - Strobe (Michael Woods Extended Remix) [mau5trap - MAU5 1]"
    steps = {change.step: change.changed for change in explain_line(text)}
    assert list(steps) == ["repair", "label", "split", "credit", "brackets", "version", "status"]
    assert steps["label"]["catalogue"] == (None, "MAU5 1")
    assert steps["brackets"]["title"] == ("Strobe (Michael Woods Extended Remix)", "Strobe")
    assert steps["version"]["version_artists"] == ((), ("Michael Woods",))
    assert steps["status"]["status"] == ("unparsed", "identified")


def test_track_name_has_subtitle_and_version_but_no_variant_or_feature() -> None:
    line = read_line("A ft. B - Song (Part 3) (Michael Woods Extended Remix)")
    assert line.track_name == "Song (Part 3) (Michael Woods Remix)"
    assert read_line("Deadmau5 - Strobe (Original Mix)").track_name == "Strobe"


@pytest.mark.parametrize(
    "text",
    [
        "A - " + "b(" * 50_000,
        "A - B " + "(x) " * 20_000,
        "A - B (" + "continuous " * 9_000,
        "A aka " * 20_000,
        "A ft. " * 50_000,
        "x vs. " * 20_000 + " - " + "y vs. " * 20_000,
        "[" * 100_000 + "]" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_meaningless_lines_are_read_quickly(text: str) -> None:
    start = time.process_time()
    assert "cut_off" in read_line(text).warnings
    assert time.process_time() - start < 1


def test_mashup_parts_are_matched_by_order_with_a_warning() -> None:
    line = read_line("Somnia vs. Lewis Capaldi - Away From Home vs. Someone You Loved (Vini Vici Mashup)")
    names = [(part.artists, part.track_name) for part in line.mashup_of]
    assert names == [(("Somnia",), "Away From Home"), (("Lewis Capaldi",), "Someone You Loved")]
    assert "mashup_parts_by_order" in line.warnings
