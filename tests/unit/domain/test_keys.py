"""Keys: the table, its invariants, the notations."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.keys import (
    ALL,
    TABLE,
    Key,
    camelot,
    compatible,
    from_beatport,
    from_pitch_class,
    from_tidal,
    key_of,
    read_key,
)

KEYS = st.sampled_from(ALL)


def code(key: Key | None) -> str | None:
    return key.camelot if key else None


def test_table_is_a_bijection() -> None:
    places = [(number, mode) for _, _, *numbers in TABLE for number, mode in zip(numbers, "BA", strict=True)]
    assert len(set(places)) == len(places) == len(ALL) == 24
    assert {key.pitch_class for key in ALL} == set(range(12))


@pytest.mark.parametrize("pitch_class", range(12))
def test_the_table_matches_the_formulas(pitch_class: int) -> None:
    assert key_of(pitch_class, "major") == Key(number=(7 * pitch_class + 7) % 12 + 1, mode="major")
    assert key_of(pitch_class, "minor") == Key(number=(7 * pitch_class + 4) % 12 + 1, mode="minor")


@given(KEYS)
def test_a_semitone_up_is_seven_camelot_steps(key: Key) -> None:
    assert key_of((key.pitch_class + 1) % 12, key.mode) == key.moved(7)
    assert key.moved(12) == key == key.moved(5).moved(-5)


@given(KEYS)
def test_relative_keys_share_their_notes(key: Key) -> None:
    assert key.relative.relative == key
    third = 3 if key.mode == "minor" else -3
    assert key.relative.pitch_class == (key.pitch_class + third) % 12


@given(KEYS)
def test_every_notation_is_parsed_back(key: Key) -> None:
    for text in (
        key.camelot,
        f"0{key.camelot}",
        key.camelot.lower(),
        key.open_key,
        key.name,
        key.name.upper(),
    ):
        assert read_key(text) == key or (len(text) > 3 and text.startswith("01"))
    assert from_pitch_class(key.pitch_class, int(key.mode == "major")) == key


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("F#m", "11A"),
        ("Am", "8A"),
        ("A", "11B"),
        ("Db Major", "3B"),
        ("C♯ min", "12A"),
        ("D♭ min", "12A"),
        ("G# / Ab Minor", "1A"),
        ("D♭/C♯", "3B"),
        ("C# Minor / Db Minor", "12A"),
        ("1m", "8A"),
        ("1d", "8B"),
        ("8A", "8A"),
        ("08A", "8A"),
        ("12b", "12B"),
        ("CM", "8B"),
        ("Cm", "5A"),
        ("Bb", "6B"),
        ("Bbm", "3A"),
        ("B", "1B"),
        ("Cb major", "1B"),
        ("E dur", "12B"),
        ("F sharp minor", "11A"),
        ("None", None),
        ("", None),
        ("13A", None),
        ("0A", None),
        ("H moll", "10A"),
        ("D Dorian", None),
        ("C / D Minor", None),
        ("Blues", None),
        ("a", None),
        ("C-", None),
        ("C -", None),
        ("A-minor", "8A"),
        ("A min.", "8A"),
        ("8A Am", "8A"),
        ("8A Cm", None),
        ("8A 9A", None),
        ("8A/9A", None),
        ("Ａ♭m", "1A"),
        ("A♮m", "8A"),
    ],
)
def test_other_notations_are_parsed(text: str, wanted: str | None) -> None:
    assert code(read_key(text)) == wanted


def test_unknown_keys_are_not_parsed() -> None:
    assert from_pitch_class(-1, 1) is None
    assert from_pitch_class(None, 1) is None
    assert from_pitch_class(0, None) is None


def test_beatport_keys_are_cross_checked() -> None:
    chord = {"name": "Minor"}
    assert code(from_beatport({"camelot_number": 6, "camelot_letter": "A", "name": "G Minor"})) == "6A"
    assert code(from_beatport({"camelot_number": 6, "camelot_letter": "A"})) == "6A"
    assert code(from_beatport({"name": "F Major"})) == "7B"
    assert code(from_beatport({"letter": "C", "is_sharp": True, "chord_type": chord})) == "12A"
    assert from_beatport({"camelot_number": 6, "camelot_letter": "A", "name": "C Minor"}) is None
    assert from_beatport({}) is None
    assert from_beatport(None) is None


def test_keys_of_tidal_are_parsed() -> None:
    assert code(from_tidal("CSharp", "MAJOR")) == "3B"
    assert code(from_tidal("Eb", "AEOLIAN")) == "2A"
    assert from_tidal("D", "DORIAN") is None
    assert from_tidal("UNKNOWN", "MAJOR") is None
    assert from_tidal(None, None) is None


def test_compatible_keys_have_the_documented_order() -> None:
    assert compatible(Key(number=8, mode="minor")) == ("8A", "7A", "9A", "8B")
    assert compatible(Key(number=12, mode="major")) == ("12B", "11B", "1B", "12A")
    assert camelot(1, "minor") == "1A"


def test_all_keys_of_real_catalogues_are_parsed(shared_data: Path) -> None:
    unread = set()
    for path in sorted((shared_data / "dataset" / "beatport-label-catalogues").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            unread |= {row["Key"] for row in csv.DictReader(file) if read_key(row["Key"]) is None}
    assert unread == {"None"}
