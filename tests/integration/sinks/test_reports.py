"""Reports on fields, costs and quality equal computations over the records."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from queries import commands, report_commands
from sinks import tables
from tests.support import sample_records as sample
from tests.support.gold_world import SetWorld
from tests.support.sink_bench import Bench, write_directly

PROVIDERS = ("beatport", "spotify", "musicbrainz")
FIELDS = ("bpm", "key", "isrc")
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs a command, and returns its rows."""
    monkeypatch.setattr(commands, "settings", lambda: bench.settings)

    def call(command: Callable[..., None], *arguments: str, form: str = "json") -> Any:
        app = typer.Typer()
        app.command()(command)
        result = CliRunner().invoke(app, [*arguments, "-f", form])
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.output) if form == "json" else result.output

    return call


def write(bench: Bench, topic: str, records: list[dict[str, Any]]) -> None:
    asyncio.run(write_directly(bench.settings, tables.WRITERS[topic], records))


def test_coverage_by_field_and_provider(bench: Bench, run: Callable[..., Any]) -> None:
    chance = random.Random(5)
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    records = []
    for number in range(30):
        attempts = [{"field": "*", "provider": "lastfm", "status": "skipped", "chosen": False}]
        for field in FIELDS:
            values = [name for name in PROVIDERS if chance.random() < 0.5]
            for name in PROVIDERS:
                hit, chosen = name in values, name in values[:1]
                status = "hit" if hit else chance.choice(["miss", "skipped"])
                attempts.append(
                    {"field": field, "provider": name, "status": status, "chosen": chosen, "confidence": 0.5}
                )
                entry = counts[field, name]
                entry[0], entry[1], entry[2] = entry[0] + 1, entry[1] + hit, entry[2] + chosen
        metadata = json.dumps({"providers_used": [], "waterfall_attempts": attempts})
        records.append(sample.track(f"a-{number}", enrichment_metadata=metadata))
    write(bench, "silver.tracks", records)
    rows = run(report_commands.coverage)
    assert {
        (row["field"], row["provider"]): [row["considered"], row["answered"], row["chosen"]] for row in rows
    } == counts
    for row in rows:
        assert row["share"] == pytest.approx(row["chosen"] / 30)
        filled = sum(entry[2] for (field, _), entry in counts.items() if field == row["field"])
        assert row["field_share"] == pytest.approx(filled / 30)
    assert "field share" in run(report_commands.coverage, form="table")


def attempts_of(chance: random.Random) -> list[dict[str, Any]]:
    """Return attempts: single calls, batches, cached answers and calls that were not made."""
    records: list[dict[str, Any]] = []
    for number in range(60):
        provider, operation = chance.choice(PROVIDERS), chance.choice(["search", "by_id"])
        status = chance.choice(["hit", "hit", "miss", "error", "skipped", "breaker_open", "stale_cache"])
        size = chance.choice([1, 1, 3])
        is_called = status in ("hit", "miss")
        cached = status == "stale_cache" or (is_called and chance.random() < 0.3)
        latency = chance.randrange(10, 2000) if is_called or cached else None
        for part in range(size):
            records.append(
                sample.attempt(
                    f"track-{chance.randrange(9)}-{part}",
                    provider=provider,
                    operation=operation,
                    status=status,
                    cached=cached,
                    latency_ms=latency,
                    batch_id=f"batch-{number}" if size > 1 else None,
                    batch_size=size,
                    attempted_at=START + timedelta(days=number),
                    request_id=f"r{number}-{part}",
                )
            )
    for number in range(7):  # of three artists, which have no track id
        records.append(
            sample.attempt(
                "",
                artist_id=f"artist-{number % 3}",
                provider="musicbrainz",
                operation="artist_by_id",
                latency_ms=100 + number,
                attempted_at=START + timedelta(days=40 + number),
                request_id=f"artist-{number}",
            )
        )
    return records


def expected_costs(records: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record["provider"], record["operation"]].append(record)
    costs = {}
    for key, group in groups.items():
        calls = {
            record["batch_id"] or record["attempt_id"]: record["latency_ms"]
            for record in group
            if record["latency_ms"] is not None and not record["cached"]
        }
        latencies = sorted(calls.values())
        fresh = sum(record["latency_ms"] is not None and not record["cached"] for record in group)
        cached = sum(record["cached"] for record in group)
        costs[key] = {
            "answers": len(group),
            "tracks": len({record["track_id"] for record in group if record["artist_id"] is None}),
            "artists": len({record["artist_id"] for record in group} - {None}),
            "calls": len(calls),
            "cached": cached,
            "cache_share": cached / (cached + fresh) if cached + fresh else None,
            "hits": sum(record["status"] in ("hit", "stale_cache") for record in group),
            "misses": sum(record["status"] == "miss" for record in group),
            "failed": sum(record["status"] == "error" for record in group),
            "refused": sum(record["status"] == "breaker_open" for record in group),
            "skipped": sum(record["status"] == "skipped" for record in group),
            "latency_p50_ms": latencies[(len(latencies) - 1) // 2] if latencies else None,
            "latency_max_ms": latencies[-1] if latencies else None,
        }
    return costs


def test_costs_by_provider_and_operation(bench: Bench, run: Callable[..., Any]) -> None:
    assert "no provider was called" in run(report_commands.costs, form="table")
    records = attempts_of(random.Random(3))
    write(bench, "bronze.enrichments", records)
    later = [record for record in records if record["attempted_at"] >= START + timedelta(days=30)]
    for arguments, group in (((), records), (("--since", "2026-01-31"), later)):
        expected = expected_costs(group)
        rows = {(row["provider"], row["operation"]): row for row in run(report_commands.costs, *arguments)}
        assert rows.keys() == expected.keys()
        for key, numbers in expected.items():
            assert {name: rows[key][name] for name in numbers} == pytest.approx(numbers), key
            assert rows[key]["calls_per_track"] == pytest.approx(
                numbers["calls"] / (numbers["tracks"] + numbers["artists"])
            )
    shown = run(report_commands.costs, form="table")
    assert f"{sum(row['calls'] for row in expected_costs(records).values())} calls" in shown


def test_quality_by_site_and_parser(bench: Bench, run: Callable[..., Any]) -> None:
    world, sets = SetWorld(4, sets=20), {}
    for number, record in enumerate(world.playlists(60)):
        source = ("mixesdb", "1001tracklists")[number % 2]
        sets[record["playlist_id"]] = {**record, "source": source, "parser_version": number % 3}
    write(bench, "silver.playlists", list(sets.values()))
    groups: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for record in sets.values():
        groups[record["source"], record["parser_version"]].append(record)
    rows = {
        (row["source"], row["parser_version"]): row for row in run(report_commands.coverage, "--by-source")
    }
    assert rows.keys() == groups.keys()
    for key, group in groups.items():
        lines = [row for record in group for row in record["rows"]]
        identified = sum(row["status"] == "identified" for row in lines)
        row = rows[key]
        assert (row["sets"], row["rows"]) == (len(group), len(lines))
        assert row["identified_share"] == pytest.approx(identified / len(lines))
        assert row["dated_share"] == pytest.approx(
            sum(record["set_date"] is not None and record["set_date_precision"] == "day" for record in group)
            / len(group)
        )
        assert row["row_validation"] == 1.0
    assert "identified" in run(report_commands.coverage, "--by-source", form="csv")
