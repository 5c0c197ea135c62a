"""The five real tracklist pages: all counted features, and all fields of every row."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from songnodes.domain.records import Tracklist
from tests.support.page_records import tracklist

EXPECTED = Path(__file__).parent / "expected"
COLUMNS = (
    "rows",
    "numbered",
    "joined",
    "parts",
    "bare",
    "trackid",
    "label",
    "duration",
    "cue",
    "entries",
    "declared",
)
TABLE = {
    "25fhn7c9": (52, 52, 0, 0, 10, 38, 38, 34, 0, 1, 52),
    "19h6nw7t": (12, 12, 0, 0, 2, 10, 9, 10, 0, 1, 12),
    "1pmwyfn1": (30, 29, 1, 0, 0, 28, 26, 26, 21, 22, 31),
    "1gz59x6t": (22, 22, 0, 0, 3, 15, 13, 13, 0, 1, 22),
    "nsgpmht": (31, 27, 0, 4, 0, 26, 30, 27, 31, 27, 31),
}
OWN_TRACK_ID = re.compile(r"^<div[^>]* data-trackid=")
CUE_INPUT = re.compile(r'<input[^>]*_cue_seconds"[^>]*value="([1-9]\d*)"')


@pytest.fixture(params=sorted(TABLE))
def native(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def body(native: str, shared_data: Path) -> bytes:
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob(f"{native}-*.html")
    return file.read_bytes()


def test_the_pages_have_the_counted_features(native: str, body: bytes) -> None:
    record = tracklist(body)
    rows = record["rows"]
    counts = {
        "rows": len(rows),
        "numbered": sum(row["number"] is not None for row in rows),
        "joined": sum(row["joined"] for row in rows),
        "parts": sum(row["parent_row_key"] is not None for row in rows),
        "bare": sum(row["artist_text"] is None for row in rows),
        "trackid": sum(bool(OWN_TRACK_ID.match(row["fragment"])) for row in rows),
        "label": sum(row["label"] is not None for row in rows),
        "duration": sum(row["duration_seconds"] is not None for row in rows),
        "cue": sum(bool(CUE_INPUT.search(row["fragment"])) for row in rows),
        "entries": body.count(b"cueValuesEntry = {}"),
        "declared": record["header"]["declared_tracks"],
    }
    assert counts == dict(zip(COLUMNS, TABLE[native], strict=True))


def test_bare_rows_are_those_without_microdata(body: bytes) -> None:
    for row in tracklist(body)["rows"]:
        assert (row["artist_text"] is None) == ('itemprop="tracks"' not in row["fragment"])


def test_all_cues_of_inputs_are_read(body: bytes) -> None:
    for row in tracklist(body)["rows"]:
        cue_input = CUE_INPUT.search(row["fragment"])
        if cue_input:
            assert row["cue_seconds"] == int(cue_input[1])


def test_all_fields_match(native: str, body: bytes) -> None:
    expected = json.loads((EXPECTED / f"{native}.json").read_text(encoding="utf-8"))
    record = tracklist(body)
    assert _header(record) == expected["header"]
    assert [_row(row) for row in record["rows"]] == expected["rows"]


def test_a_wrong_declared_size_is_a_warning(native: str, body: bytes) -> None:
    warnings = tracklist(body)["warnings"]
    assert warnings == (["declared_tracks: 31 declared, 30 found"] if native == "1pmwyfn1" else [])


def test_fragments_contain_only_their_row(body: bytes) -> None:
    for row in tracklist(body)["rows"]:
        assert row["fragment"].startswith(f'<div id="tlp_{row["row_key"]}"')
        assert row["fragment"].count("tlpItem") == 1


def _header(record: Tracklist) -> dict[str, Any]:
    header: Mapping[str, Any] = record["header"]
    names = (
        "title mix_name date_text event_name venue country set_type styles declared_tracks duration_seconds"
    )
    return {
        **{name: header[name] for name in names.split()},
        "djs": [[dj["name"], dj["native_id"]] for dj in header["djs"]],
        "recordings": [[r["kind"], r["url"], r["duration_seconds"]] for r in header["recordings"]],
        "counters": record["counters"],
        "warnings": record["warnings"],
    }


def _row(row: Mapping[str, Any]) -> list[Any]:
    marks = (("j", row["joined"]), ("m", row["mashup"]), ("p", row["parent_row_key"]))
    flags = "".join(mark for mark, on in (*marks, ("i", row["marked_identified"])) if on)
    names = "row_key number text artist_text version_note label label_parent duration_seconds genre cue_text"
    return [
        *(row[name] for name in names.split()),
        row["cue_seconds"],
        flags,
        row["native_track_id"],
        row["native_artist_names"],
        row["part"],
    ]
