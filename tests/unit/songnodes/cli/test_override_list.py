"""`override set` accepts what `override list` prints; ids are not shortened on any terminal."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from songnodes import catalogue, decisions
from songnodes.cli import terminal
from songnodes.cli.override import current_values
from songnodes.decisions import Author
from songnodes.domain import overrides
from songnodes.domain.keys import ALL

AUTHOR = Author(name="ada", reason="heard it", at=datetime(2025, 10, 10, tzinfo=UTC))
LONG_ID = "-".join(["some-artist", "a-title-of-many-words"] * 4) + "-0a1b2c3d"

TEXTS = st.text(min_size=1, max_size=60)
GIVEN = st.one_of(
    st.tuples(st.just("bpm"), st.floats(60, 200)),
    st.tuples(st.just("energy"), st.floats(0, 1)),
    st.tuples(st.just("duration_ms"), st.integers(60_000, 900_000)),
    st.tuples(st.just("label"), TEXTS),
    st.tuples(st.just("release_name"), TEXTS),
    st.tuples(st.just("genres"), st.lists(TEXTS, min_size=1, max_size=4)),
    st.tuples(st.just("key"), st.sampled_from([key.camelot for key in sorted(ALL)])),
    st.tuples(st.just("release_date"), st.sampled_from(["2009", "2009-10", "2009-10-26"])),
)


@given(GIVEN)
@example(("label", '"Heroes"'))
@example(("label", "[unreleased]"))
@example(("genres", ["drum, bass", "techno"]))
@example(("label", "a\x1b[2Jb\u202ec"))
def test_listed_values_can_be_set(argument: tuple[str, Any]) -> None:
    field, value = argument
    try:
        stored = overrides.read(field, value)
    except overrides.InvalidOverride:
        return
    listed = [
        decisions.override("t", column, stored_value, AUTHOR) for column, stored_value in stored.items()
    ]
    (entry,) = current_values(listed)
    assert terminal.escaped(entry["value"]) == entry["value"], "the value is shown unchanged"
    assert overrides.read(entry["field"], entry["value"]) == stored


def test_an_incomplete_key_is_listed_unchanged() -> None:
    (entry,) = current_values([decisions.override("t", "key", 8, AUTHOR)])
    assert (entry["field"], entry["value"]) == ("key", "8")


def test_two_tracks_with_keys_are_two_entries() -> None:
    listed = [
        decisions.override(track, column, value, AUTHOR)
        for track, number in (("s", 8), ("t", 9))
        for column, value in overrides.read("key", f"{number}A").items()
    ]
    assert [(e["track"], e["field"], e["value"]) for e in current_values(listed)] == [
        ("s", "key", "8A"),
        ("t", "key", "9A"),
    ]


@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_ids_are_not_shortened_on_narrow_terminals(width: int) -> None:
    out = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    table = terminal.table("track", "reason", "other", ids=("track", "other"))
    terminal.add(table, LONG_ID, "a reason of many words " * 5, LONG_ID[::-1])
    terminal.show(table, out)
    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert LONG_ID in shown and LONG_ID[::-1] in shown
    assert out.width == width


def test_cells_are_escaped_and_markup_is_not_interpreted() -> None:
    out = Console(file=StringIO(), width=80)
    table = terminal.table("a", ids=("a",))
    terminal.add(table, "[red]x[/] \x1b[31m \u202e \r\n")
    terminal.show(table, out)
    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert r"[red]x[/] \x1b[31m \u202e \x0d\x0a" in shown


KNOWN = {
    "deadmau5-strobe-0a1b2c3d": "Deadmau5 - Strobe",
    "deadmau5-ghosts-n-stuff-11111111": "Deadmau5 - Ghosts n Stuff",
    "eric-prydz-opus-22222222": "Eric Prydz - Opus",
}


class TestNearest:
    @pytest.mark.parametrize(
        "wanted",
        ["deadmau5-strobe-0a1b2c3e", "deadmau5-strobe", "strobe", "Deadmau5 Strob", "deadmaus-strobe"],
    )
    def test_the_nearest_comes_first(self, wanted: str) -> None:
        assert catalogue.nearest(wanted, KNOWN)[0] == "deadmau5-strobe-0a1b2c3d"

    def test_nonsense_has_no_near_line(self) -> None:
        assert catalogue.nearest("zzzz", KNOWN) == []

    def test_common_words_do_not_count(self) -> None:
        names = {"a-x-0": "A - The Mix of X", "b-y-0": "B - The Mix of Y"}
        assert catalogue.have_no_word_in_common(names, "a-x-0", "b-y-0")
        assert not catalogue.have_no_word_in_common(
            KNOWN, "deadmau5-strobe-0a1b2c3d", "deadmau5-ghosts-n-stuff-11111111"
        )
