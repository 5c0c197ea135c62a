"""Overrides: accepted values, their encoding, and the format of a file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes import decisions
from songnodes.cli.override import InvalidOverrideFile, OverrideRejected, read_file, track_id_of
from songnodes.decisions import Author
from songnodes.domain import overrides
from songnodes.domain.keys import ALL
from songnodes.domain.overrides import InvalidOverride

AUTHOR = Author(name="ada", reason="heard it", at=datetime(2025, 10, 10, tzinfo=UTC))

GOOD: list[tuple[str, Any, dict[str, Any]]] = [
    ("bpm", "128.04", {"bpm": 128.04}),
    ("key", "8A", {"key": 8, "key_mode": "minor"}),
    ("key", "Db major", {"key": 3, "key_mode": "major"}),
    ("energy", 0.76, {"energy": 0.76}),
    ("loudness", "-6.2", {"loudness": -6.2}),
    ("genres", "progressive house, electro house", {"genres": ["progressive house", "electro house"]}),
    ("genres", ["techno"], {"genres": ["techno"]}),
    ("release_date", "2009-10", {"release_date": "2009-10"}),
    ("duration_ms", "645000", {"duration_ms": 645000}),
    ("isrc", "GBAHS1400099", {"isrc": "GBAHS1400099"}),
    ("label", " mau5trap ", {"label": "mau5trap"}),
]
BAD: list[tuple[str, Any]] = [
    ("bpm", "fast"),
    ("bpm", 30),
    ("bpm", float("nan")),
    ("bpm", float("inf")),
    ("bpm", None),
    ("key", "8"),
    ("key", 8),
    ("key_mode", "minor"),
    ("energy", 1.01),
    ("genres", ""),
    ("genres", []),
    ("release_date", "2009-13"),
    ("release_date", "October"),
    ("duration_ms", 5),
    ("isrc", "gbahs1400099"),
    ("spotify_id", "2VHlw"),
    ("label", "x" * 301),
    ("play_count", 5),
]


@pytest.mark.parametrize(("field", "value", "expected"), GOOD)
def test_valid_values_are_accepted(field: str, value: Any, expected: dict[str, Any]) -> None:
    assert overrides.read(field, value) == expected


@pytest.mark.parametrize(("field", "value"), BAD)
def test_invalid_values_are_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidOverride):
        overrides.read(field, value)


def test_all_twenty_columns_can_be_set() -> None:
    assert len({column for field in overrides.FIELDS for column in overrides.columns(field)}) == 20


@given(st.sampled_from(sorted(ALL)))
def test_every_key_is_read_back(key: Any) -> None:
    assert overrides.read("key", key.camelot) == {"key": key.number, "key_mode": key.mode}
    assert overrides.read("key", key.name) == {"key": key.number, "key_mode": key.mode}


@given(st.sampled_from(overrides.FIELDS), st.one_of(st.text(), st.floats(), st.integers(), st.none()))
def test_any_value_is_json_or_refused(field: str, value: Any) -> None:
    try:
        values = overrides.read(field, value)
    except InvalidOverride as refusal:
        assert str(refusal)
    else:
        json.dumps(values, allow_nan=False)


class TestDecisions:
    def test_the_id_depends_on_track_and_column_only(self) -> None:
        first = decisions.override("t", "bpm", 128.0, AUTHOR)
        second = decisions.override("t", "bpm", 130.0, AUTHOR)
        other_column = decisions.override("t", "energy", 0.5, AUTHOR)
        assert first["decision_id"] == second["decision_id"] != other_column["decision_id"]
        assert first["event_id"] != second["event_id"]
        assert first == decisions.override("t", "bpm", 128.0, AUTHOR)

    def test_a_withdrawal_has_the_id_of_its_decision(self) -> None:
        withdrawal = decisions.override("t", "bpm", None, AUTHOR)
        assert withdrawal["decision_id"] == decisions.override("t", "bpm", 1.0, AUTHOR)["decision_id"]
        assert (withdrawal["withdrawn"], withdrawal["value"]) == (True, None)


class TestSubject:
    def test_a_line_names_its_track_in_every_spelling(self) -> None:
        strobe_id = track_id_of("Deadmau5 - Strobe")
        assert strobe_id.startswith("deadmau5-strobe-")
        assert track_id_of("deadmau5 - Strobe (Original Mix)") == strobe_id
        assert track_id_of("Deadmau5 - Strobe (Michael Woods Remix)") != strobe_id
        assert track_id_of(strobe_id) == strobe_id

    @pytest.mark.parametrize("line", ["ID - ID", "Deadmau5 - ID", " - "])
    def test_a_line_without_a_track_is_refused(self, line: str) -> None:
        with pytest.raises(OverrideRejected):
            track_id_of(line)


class TestFile:
    def write(self, tmp_path: Path, text: str) -> Path:
        file = tmp_path / "values.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    def test_a_valid_file_is_read(self, tmp_path: Path) -> None:
        text = """
reason: by ear
author: ada
decided_at: 2025-10-10
overrides:
  - track: Deadmau5 - Strobe
    bpm: 128
    key: 8A
    release_date: 2009-10-26
"""
        decided = read_file(self.write(tmp_path, text))
        assert [(d["field"], d["value"]) for d in decided] == [
            ("bpm", "128.0"),
            ("key", "8"),
            ("key_mode", '"minor"'),
            ("release_date", '"2009-10-26"'),
        ]
        assert {(d["author"], d["reason"]) for d in decided} == {("ada", "by ear")}
        assert decided[0]["decided_at"] == datetime(2025, 10, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{",
            "reason: x",
            "overrides: []",
            "reason: x\noverrides: {a: b}",
            "reason: x\noverrides: [{bpm: 128}]",
            "reason: x\ndecided_at: soon\noverrides: []",
            "reason: x\ndecided_at: [1]\noverrides: []",
        ],
    )
    def test_invalid_files_are_refused(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(InvalidOverrideFile):
            read_file(self.write(tmp_path, text))

    def test_one_wrong_value_refuses_the_whole_file(self, tmp_path: Path) -> None:
        text = "reason: x\noverrides: [{track: A - B, bpm: 128}, {track: A - C, bpm: 12}]"
        with pytest.raises(OverrideRejected, match="12"):
            read_file(self.write(tmp_path, text))

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidOverrideFile):
            read_file(tmp_path / "none.yaml")
