"""The profile of each source matches its pages; `songnodes sources` shows it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from producers import sources
from producers.sources.card import TRACKLIST_CONTRACTS, Card
from producers.sources.outputs import header, row
from songnodes import cli
from songnodes import settings as configured
from songnodes.domain.drift import Share
from songnodes.messaging import schemas
from tests.support.page_records import page, tracklist


def card_of(name: str) -> Card:
    return sources.SOURCES[name].card


@pytest.mark.parametrize("name", sources.SOURCES)
def test_a_profile_lists_exactly_the_parsed_kinds(name: str) -> None:
    source = sources.SOURCES[name]
    named = {kind for kind_entry in source.card.kinds for kind in kind_entry.name.split(", ")}
    assert named == source.parsers.keys() | source.listings.keys()


@pytest.mark.parametrize("name", sources.SOURCES)
def test_the_fields_of_coverage_are_fields_of_the_schema(name: str) -> None:
    card = card_of(name)
    for path in card.coverage:
        schema: Any = schemas.newest(card.topic)
        for step in path.split("."):
            fields = {field["name"]: field["type"] for field in record(schema)["fields"]}
            assert step in fields, path
            schema = fields[step]


def record(schema: Any) -> Any:
    """Return the record inside unions and arrays."""
    if isinstance(schema, list):
        return record(next(branch for branch in schema if branch != "null"))
    return record(schema["items"]) if schema["type"] == "array" else schema


def test_real_tracklists_keep_every_contract_with_the_counted_coverage(shared_data: Path) -> None:
    card = card_of("1001tracklists")
    covered = {}
    for file in sorted((shared_data / "html" / "1001tracklists" / "tracklist").glob("*.html")):
        parsed = tracklist(file.read_bytes())
        assert card.broken(parsed) == []
        covered[file.name.split("-")[0]] = card.covered(parsed)
    assert covered["25fhn7c9"]["rows.label"] == Share(38, 52)
    assert covered["25fhn7c9"]["rows.artist_text"] == Share(42, 52)
    assert covered["nsgpmht"]["rows.cue_seconds"] == Share(31, 31)
    assert covered["19h6nw7t"]["header.venue"].all == 1


def test_real_responses_keep_the_contracts(shared_data: Path) -> None:
    for file in ("mixcloud/cloudcast-response.json", "ra/graphql-event-listings-excerpt.json"):
        read = page((shared_data / "json" / file).read_bytes())
        card = card_of(read["source"])
        records = [output.record for output in sources.parse(read) if output.topic == card.topic]
        assert records
        assert [card.broken(parsed_record) for parsed_record in records] == [[] for _ in records]


def listed(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    full_rows = [{**row(str(place), place, "A - B"), **fields} for place, fields in enumerate(rows)]
    return {
        "rows": full_rows,
        "media": [],
        "identical_to": [],
        "completeness": None,
        "rows_from": "page",
        "warnings": [],
        "header": header("T"),
        **changes,
    }


BROKEN = [
    (listed(), ["rows"]),
    (listed(completeness="none"), []),
    (listed(warnings=["list_unread: a tracklist is announced"]), ["rows", "list"]),
    (listed({}, warnings=["rows_missing: the counter leaves out 1"]), []),
    (listed({}, {"ordinal": 7}), ["ordinals"]),
    (listed({"number": 3}, {"number": 2}), ["numbers"]),
    (listed({"number": 1}, {"number": 2}, {"number": 1}, {"number": 2}), []),
    (listed(*[{"number": number} for number in (5, 4, 3, 2, 1)]), []),
    (listed(*[{"number": number} for number in (3, 2, 1)]), []),
    (listed(*[{"number": number} for number in (0, 1, 2, 0, 1)]), []),
    (listed(*[{"number": number} for number in (1, 5, 3, 4, 2)]), ["numbers"]),
    (listed(*[{"number": 1}] * 3), ["numbers"]),
    (listed(*[{"number": 1, "part": "1"}, {"number": 1, "part": "2"}] * 2), []),
    (listed(*[{"number": number} for number in (1, 2, 2, 3)]), []),
    (listed({"number": 2, "part": "1"}, {"number": 1, "part": "2"}), []),
    (listed({"cue_seconds": 60}, {}, {"cue_seconds": 30}), ["cues"]),
    (listed({"cue_seconds": 60, "part": "1"}, {"cue_seconds": 30, "part": "2"}), []),
    (listed({}, header=header("T", declared_tracks=9)), ["declared"]),
    (listed({}, {}, header=header("T", declared_tracks=3)), []),
    (listed(*[{"text": None}] * 5), ["named"]),
    (listed(*[{"text": None}] * 4), []),
    (listed(*[{"text": None, "gap": True}] * 9), []),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN)
def test_each_contract_can_be_broken(changes: dict[str, Any], expected: list[str]) -> None:
    assert [contract.name for contract in TRACKLIST_CONTRACTS if not contract.holds(changes)] == expected


def test_an_event_that_ends_before_it_starts_breaks_its_contract() -> None:
    event = {"title": "T", "start_local": "2026-01-02T00:00:00", "end_local": "2026-01-01T00:00:00"}
    assert card_of("ra").broken(event) == ["ends"]
    assert card_of("ra").broken({**event, "end_local": None, "title": ""}) == ["title"]


def shown(monkeypatch: pytest.MonkeyPatch, *arguments: str, contact: str = "") -> str:
    monkeypatch.setenv("SONGNODES_CONTACT", contact)
    monkeypatch.setenv("COLUMNS", "200")
    configured.settings.cache_clear()
    result = CliRunner().invoke(cli._load_command("sources"), [*arguments])
    configured.settings.cache_clear()
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_shows_fields_and_state_of_each_site(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch)
    for source in sources.SOURCES.values():
        assert source.card.title in text
        assert source.card.conduct.why in text
    assert "SONGNODES_CONTACT" in text
    assert "SONGNODES_CONTACT" not in shown(monkeypatch, contact="ops@example.invalid")


def test_the_command_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = json.loads(shown(monkeypatch, "--json", contact="ops@example.invalid"))
    assert {entry["source"]: entry["on"] for entry in entries} == {
        "1001tracklists": False,
        "mixcloud": True,
        "ra": False,
        "mixesdb": True,
    }
