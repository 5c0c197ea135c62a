"""`songnodes explain enrich`: the requests for a track, the evaluation of each answer, and why a value won.

The attempts come from the archive in PostgreSQL and are evaluated again by the code of silver.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import typer
import zstandard
from psycopg.rows import dict_row

from enrichment.answers import evaluate
from enrichment.plan.follow_ups import misses_of, recheck_at
from operations.database import connected, statement
from songnodes.cli.explain import app
from songnodes.cli.terminal import say
from songnodes.domain import answers
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.records import Attempt
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import settings

__all__ = ["app"]

Row = Mapping[str, Any]
MAX_VALUE_CHARS = 60


class NotEnriched(UserError):
    """There is neither a track nor an archived answer of this id"""

    remedy = "`songnodes status` shows the processes; ids are in silver_enriched_tracks"


@app.command()
def enrich(track: Annotated[str, typer.Argument(help="Track id; one that was merged works too.")]) -> None:
    """Show each request to a provider for a track, its answer, why each value won, and the cost."""
    current = reached(settings(), "database_url")
    with connected(current) as connection, connection.cursor(row_factory=dict_row) as cursor:
        record = cursor.execute(statement("enriched_track"), {"track": track}).fetchone()
        track_id = str(record["track_id"]) if record else track
        attempts = cursor.execute(statement("enrichment_attempts"), [track_id]).fetchall()
        recheck = cursor.execute(statement("recheck"), [track_id]).fetchone()
    if record is None and not attempts:
        raise NotEnriched(track)
    for line in report(track_id, record, attempts, recheck["due_at"] if recheck else None):
        say(line)


def report(
    track_id: str, record: Row | None, attempts: Sequence[Row], recheck: datetime | None = None
) -> Iterator[str]:
    """Yield the lines of the report."""
    if record is not None:
        yield f"{' & '.join(record['artist_names'])} - {record['track_name']}"
    yield track_id
    yield ""
    yield from request_lines([_attempt(row) for row in attempts])
    if recheck is not None:
        yield f"looked up again: {recheck:%Y-%m-%d %H:%M} UTC at the earliest"
    if record is not None:
        yield ""
        yield from choice_lines(record["enrichment_metadata"]["waterfall_attempts"])
        unobtainable = record["enrichment_details"].get("unobtainable")
        if unobtainable:
            yield f"no enabled provider supplies: {', '.join(unobtainable)}"


def request_lines(attempts: Sequence[Attempt]) -> Iterator[str]:
    """Yield the cost of the attempts of a track, each request, and the evaluation of its answer."""
    yield _cost(attempts)
    evaluated = [evaluate(attempt) for attempt in attempts]
    page_ids: dict[str, str] = {}
    for attempt in attempts:
        page_ids |= (attempt["claim"] or {"ids": {}})["ids"]
    counting = {entry["attempt_id"]: value for entry, value in answers.counting(evaluated, page_ids)}
    newest = answers.of_entries(evaluated)
    misses = misses_of(evaluated)
    for number, (attempt, entry) in enumerate(zip(attempts, evaluated, strict=True), start=1):
        yield f"{number}. {_request(attempt)}"
        yield f"     {_evaluation(entry, counting.get(entry['attempt_id']))}"
        if newest.get(entry["call"]) is entry and misses.get(entry["call"]):
            yield f"     {_due(entry, misses[entry['call']])}"


def _attempt(row: Row) -> Attempt:
    body = row["body"]
    raw = None if body is None else zstandard.ZstdDecompressor().decompress(bytes(body))
    return cast(Attempt, {**row, "event_id": row["attempt_id"], "body": raw})


def _cost(attempts: Sequence[Attempt]) -> str:
    sent = [row for row in attempts if row["http_status"] is not None and not row["cached"]]
    calls = {row["batch_id"] or row["attempt_id"] for row in sent}
    waited = sum(row["latency_ms"] or 0 for row in sent)
    cached = sum(row["cached"] for row in attempts)
    return f"{len(attempts)} attempts: {len(calls)} calls, {cached} from the cache, {waited} ms"


def _request(row: Attempt) -> str:
    parameters = ", ".join(f"{name}={value}" for name, value in sorted(row["parameters"].items()))
    shared = f", with {row['batch_size'] - 1} other tracks" if row["batch_size"] > 1 else ""
    status = f"HTTP {row['http_status']}" if row["http_status"] else "no call"
    cached = ", from the cache" if row["cached"] else ""
    is_sent = row["http_status"] is not None and not row["cached"]
    waited = f", {row['latency_ms']} ms" if is_sent and row["latency_ms"] is not None else ""
    when = f"{row['attempted_at']:%Y-%m-%d %H:%M:%S}"
    lookup = f" by {row['lookup']}" if row["lookup"] else ""
    call = f"{row['provider']}.{row['operation']}{lookup} ({parameters})"
    return f"{when} {call}{shared}: {status}{cached}{waited}"


def _evaluation(entry: AnswerEntry, confidence: float | None) -> str:
    note = f" ({entry['note']})" if entry["note"] else ""
    if confidence is None:
        reason = (
            "" if entry["status"] not in answers.WITH_VALUES else f", does not count: scope {entry['scope']}"
        )
        return f"{entry['status']}{note}{reason}"
    values = json.loads(entry["values"])
    listed = ", ".join(f"{name} {_short(value)}" for name, value in values.items()) or "no values"
    match = f"{entry['match_class']} match, " if entry["match_class"] else ""
    return f"{match}scope {entry['scope']}, confidence {confidence:.2f}{note}: {listed}"


def _due(entry: AnswerEntry, misses: int) -> str:
    times = f"{misses} misses in succession" if misses > 1 else "the first miss"
    return f"{times}: due again {recheck_at(entry['observed_at'], misses):%Y-%m-%d %H:%M} UTC, while needed"


def choice_lines(attempts: Sequence[Row]) -> Iterator[str]:
    """Yield one line per field: the value that won, then the others in the order of preference."""
    by_field: dict[str, list[Row]] = defaultdict(list)
    for attempt in attempts:
        by_field[attempt["field"]].append(attempt)
    for field, tried in by_field.items():
        if field == "*":
            continue
        yield f"{field}: " + "; ".join(_choice(attempt) for attempt in tried)
    for attempt in by_field.get("*", ()):
        note = f" ({attempt['note']})" if attempt.get("note") else ""
        yield f"{attempt['provider']}: {attempt['status']}{note}"


def _choice(attempt: Row) -> str:
    if attempt.get("value") is None:
        return f"{attempt['provider']} {attempt['status']}"
    chosen = "chosen " if attempt["chosen"] else ""
    note = f", {attempt['note']}" if attempt["note"] else ""
    return f"{chosen}{_short(attempt['value'])} of {attempt['provider']} {attempt['confidence']}{note}"


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= MAX_VALUE_CHARS else f"{text[:MAX_VALUE_CHARS]}..."
