"""Altered copies are versions in every spelling: each has one id, and never matches the plain title."""

import itertools
import shlex
from pathlib import Path

import pytest

from songnodes.domain.identity import claim_key
from songnodes.domain.lines import read_line
from songnodes.domain.matching import Candidate, RequestedTrack, decide

#: Spellings of one altered copy each.
COPIES = (
    ("Sped Up", "Sped Up Version", "sped-up", "SPED UP", "Spedup Version", "Acelerada", "Accéléré"),
    ("Slowed", "Slowed Down", "Slowed Version", "Super Slowed", "Ralentizado", "Verlangsamt", "Rallentato"),
    ("Slowed + Reverb", "Slowed & Reverb", "Slowed and Reverbed", "slowed n reverb", "Slowed / Reverb"),
    ("Nightcore", "Nightcore Version", "Nightcore Remix"),
    ("8D", "8D Audio", "8D Version"),
    ("Re-Recorded", "Rerecorded", "Re-Recorded Version", "Re-Recording", "Regrabado", "Neuaufnahme"),
    ("Karaoke", "Karaoke Version", "Versión Karaoke", "Karaoké", "In the Style of Mona Veil"),
    ("Cover", "Cover Version"),
    ("Tribute", "Tribute Version", "Tribute to Mona Veil"),
    ("Demo", "Demo Version", "Original Demo", "Maqueta"),
    ("Live", "Live Version", "En Vivo", "Ao Vivo", "Dal Vivo", "En Direct"),
)
WRITTEN = ("{} ({})", "{} [{}]", "{} {{{}}}", "{} - {}")


def matches(line: str, candidate: Candidate) -> bool:
    return decide(RequestedTrack(line=read_line(line)), [candidate]).match is not None


@pytest.mark.parametrize("spellings", COPIES, ids=lambda spellings: spellings[0])
def test_all_spellings_of_a_copy_are_one_version(spellings: tuple[str, ...]) -> None:
    titles = [form.format("Low Moon", note) for form in WRITTEN for note in spellings]
    assert len({claim_key(read_line(f"Mona Veil - {title}")) for title in titles}) == 1


@pytest.mark.parametrize("spellings", COPIES, ids=lambda spellings: spellings[0])
def test_no_spelling_of_a_copy_matches_the_plain_title(spellings: tuple[str, ...]) -> None:
    for note, form in itertools.product(spellings, (*WRITTEN, "{}, {}", "{} {}", "{}: {}")):
        title = form.format("Low Moon", note)
        theirs = Candidate(provider="spotify", name=title, artists=("Mona Veil",))
        assert not matches("Mona Veil - Low Moon", theirs), title
        plain = Candidate(provider="spotify", name="Low Moon", artists=("Mona Veil",))
        assert not matches(f"Mona Veil - {title}", plain), title


@pytest.mark.parametrize("spellings", COPIES, ids=lambda spellings: spellings[0])
def test_a_mix_name_of_a_copy_does_not_match_the_plain_title(spellings: tuple[str, ...]) -> None:
    for note in spellings:
        named = Candidate(provider="beatport", name="Low Moon", mix_name=note, artists=("Mona Veil",))
        assert not matches("Mona Veil - Low Moon", named), note
        assert matches(f"Mona Veil - Low Moon ({note})", named), note


def test_different_copies_are_different_versions() -> None:
    keys = {claim_key(read_line(f"Mona Veil - Low Moon ({spellings[0]})")) for spellings in COPIES}
    assert len(keys) == len(COPIES)


@pytest.mark.parametrize(
    ("note", "artists", "keys"),
    [
        ("Zed Remix - Sped Up", ("Zed",), ("spedup", "zed")),
        ("Zed Remix Slowed", ("Zed",), ("slowed", "zed")),
        ("Zed Nightcore Remix", ("Zed",), ("nightcore", "zed")),
        ("Zed Cover", ("Zed",), ("cover", "zed")),
        ("Cover by Zed", ("Zed",), ("cover", "zed")),
        ("Speedy J Remix", ("Speedy J",), ("speedy j",)),
        ("DJ Reverb Remix", ("DJ Reverb",), ("dj reverb",)),
        ("Session Victim Remix", ("Session Victim",), ("session victim",)),
    ],
)
def test_names_around_the_words_are_kept(note: str, artists: tuple[str, ...], keys: tuple[str, ...]) -> None:
    line = read_line(f"Mona Veil - Low Moon ({note})")
    assert (line.version_artists, line.version_keys) == (artists, keys)


@pytest.mark.parametrize("subtitle", ["Under Cover", "Slowed Down Love", "Slow Down", "Cover Me", "Loop"])
def test_sentences_with_these_words_stay_subtitles(subtitle: str) -> None:
    line = read_line(f"Mona Veil - Low Moon ({subtitle})")
    assert (line.other_tokens, line.version_family) == ((subtitle,), None)


@pytest.mark.parametrize("title", ["Run, Cover", "One, Two, Live", "Slow, Fast"])
def test_words_behind_a_comma_that_are_verbs_stay_in_the_title(title: str) -> None:
    assert read_line(f"Mona Veil - {title}").version_family is None


def test_reported_examples_do_not_match(shared_cases: Path) -> None:
    text = (shared_cases / "13-speed-versions" / "try.sh").read_text("utf-8")
    commands = [shlex.split(line) for line in text.splitlines() if line.startswith("songnodes explain match")]
    assert len(commands) == 6
    for _, _, _, line, _, name, _, artist in commands:
        assert not matches(line, Candidate(provider="spotify", name=name, artists=(artist,))), name
