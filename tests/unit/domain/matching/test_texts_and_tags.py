"""Identical texts, bare names in brackets, creators of mixes, guests, and tags after names."""

from typing import Any

import pytest

from songnodes.domain.identity import claim_key
from songnodes.domain.lines import read_line
from songnodes.domain.matching import Candidate, Decision, RequestedTrack, decide

LINE = "Mona Veil - Low Moon"


def decided(text: str, name: str, *, length_ms: int | None = None, **more: Any) -> Decision:
    fields = {"provider": "p", "artists": ("Mona Veil",), **more}
    return decide(
        RequestedTrack(line=read_line(text), duration_ms=length_ms), [Candidate(name=name, **fields)]
    )


@pytest.mark.parametrize("note", ["Zed Reform", "Zed", "Zed Re-Wire 2014", "Zed Upgrade"])
def test_identical_texts_match(note: str) -> None:
    decision = decided(f"{LINE} ({note})", f"Low Moon ({note})", remixers=("Zed",))
    assert (decision.outcome, decision.scope) == ("matched", "recording")


def test_equal_subtitles_do_not_hide_a_remix() -> None:
    assert decided(f"{LINE} (Till I Come)", "Low Moon (Till I Come)", remixers=("Zed",)).match is None


@pytest.mark.parametrize(
    ("note", "mix", "remixers", "matched"),
    [
        ("Zed", "Zed Remix", ("Zed",), True),
        ("Zed & Lux", "Zed & Lux Remix", ("Zed", "Lux"), True),
        ("Zed", "Zed Remix", None, False),
        ("Zed", "Lux Remix", ("Lux",), False),
        ("Zed Remix", "Zed", ("Zed",), True),
        ("Zed Remix", "Zed", None, False),
    ],
)
def test_a_bare_name_needs_the_providers_remixers(
    note: str, mix: str, remixers: tuple[str, ...] | None, matched: bool
) -> None:
    decision = decided(f"{LINE} ({note})", f"Low Moon ({mix})", remixers=remixers)
    assert (decision.match is not None) is matched


@pytest.mark.parametrize(
    ("ours", "theirs", "matched"),
    [
        ("Night Dub", "Night Dub By Zed", True),
        ("Night Dub by Zed", "Night Dub", True),
        ("Midnight Express Dub", "Midnight Express Dub por Zed", True),
        ("Night Dub", "Day Dub By Zed", False),
        ("Night Dub By Lux", "Night Dub By Zed", False),
        ("Remix", "Remix By Zed", False),
    ],
)
def test_a_mix_matches_with_and_without_its_creator(ours: str, theirs: str, matched: bool) -> None:
    assert (decided(f"{LINE} ({ours})", f"Low Moon ({theirs})").match is not None) is matched


@pytest.mark.parametrize(("seconds", "matched"), [(200, True), (205, True), (240, False)])
def test_different_numbers_of_guests_need_equal_lengths(seconds: int, matched: bool) -> None:
    text, name = "Mona Veil feat. Ana - Low Moon", "Low Moon (feat. Ana & Bo)"
    decision = decided(text, name, length_ms=200_000, duration_ms=seconds * 1000)
    assert (decision.match is not None) is matched


@pytest.mark.parametrize("theirs", ["Low Moon (feat. Ana)", "Low Moon"])
def test_no_recording_is_matched_beyond_ten_seconds(theirs: str) -> None:
    assert decided(LINE, theirs, length_ms=200_000, duration_ms=215_000).scope != "recording"


@pytest.mark.parametrize(
    "tag", ["OZ", "ofc", "SP", "NYC", "U.K.", "U.K", "Official", "OFFICIAL", "UK", "BCN", "Spain", "US/UK"]
)
def test_tags_after_names_are_ignored(tag: str) -> None:
    plain = claim_key(read_line("Mona Veil & Zed - Low Moon"))
    assert claim_key(read_line(f"Mona Veil ({tag}) & Zed - Low Moon")) == plain
    assert claim_key(read_line(f"Mona Veil & Zed ({tag}) - Low Moon")) == plain
    assert decided(LINE, "Low Moon", artists=(f"Mona Veil ({tag})",)).match is not None


@pytest.mark.parametrize("name", ["(UK)", "Mona (And Friends)", "Mona (Veil)", "(The) Veil"])
def test_other_brackets_after_names_are_compared(name: str) -> None:
    assert claim_key(read_line(f"{name} - Low Moon")) != claim_key(read_line("Mona - Low Moon"))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Ember", "Embers", False),
        ("Motion", "Emotion", False),
        ("Triangle", "Trianglee", True),
        ("2 U", "2U", True),
    ],
)
def test_a_title_that_continues_a_single_word_is_another_title(first: str, second: str, same: bool) -> None:
    assert (decided(f"Mona Veil - {first}", second).match is not None) is same
