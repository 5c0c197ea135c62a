"""`songnodes enrich`: the request for a line, and the report."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer

from enrichment.service.enricher import Enrichment
from enrichment.service.models import EnrichRequest
from operations import enrich as command
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.settings import Settings
from tests.support.provider_answers import archived, deezer_track

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LINE = "deadmau5 - Strobe"


def enrichment(*, is_open: bool, **values: Any) -> Enrichment:
    attempt = {"field": "bpm", "provider": "deezer", "status": "hit", "value": 128.0, "confidence": 0.7}
    return Enrichment(
        values=values,
        attempts=[{**attempt, "chosen": True, "note": None}] if values else [],
        sources_used=["deezer"] if values else [],
        api_calls=1,
        cache_hits=0,
        quality_score=0.5,
        completed_at=NOW,
        retry_at=NOW + timedelta(hours=1) if is_open else None,
    )


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[command.Result]:
    """Replace the call of the providers; the first result of the list is returned."""
    results: list[command.Result] = []

    async def run(current: Settings, request: EnrichRequest) -> command.Result:
        assert request.track_id == track_id(read_line(LINE))
        return results[0]

    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr(command, "reached", lambda current, *names: current)
    return results


def result(*, is_open: bool = False, **values: Any) -> command.Result:
    attempt = archived("t", "deezer", "search", {"data": [deezer_track()]}, latency_ms=100)
    return command.Result(enrichment=enrichment(is_open=is_open, **values), attempts=(attempt,))


def test_a_line_has_the_id_of_its_track() -> None:
    request = command.request_of_line("A & B - C (D Remix)")
    assert (request.artist_name, request.track_title) == ("A & B", "C (D Remix)")
    assert request.track_id == track_id(read_line("A & B - C (D Remix)"))
    with pytest.raises(command.NoSuchTrack):
        command.request_of_line("ID - ID")


def test_requests_answers_values_and_cost_are_shown(
    answered: list[command.Result], capsys: pytest.CaptureFixture[str]
) -> None:
    answered.append(result(is_open=True, bpm=128.0))
    command.enrich(LINE)
    text = capsys.readouterr().out
    assert "1 attempts: 1 calls, 0 from the cache, 100 ms" in text
    assert "deezer.search by search" in text
    assert "bpm: chosen 128.0 of deezer 0.7" in text
    assert "partial" in text
    assert "more may follow from 2026-11-29 13:00 UTC" in text


def test_json_is_the_response_with_all_requests(
    answered: list[command.Result], capsys: pytest.CaptureFixture[str]
) -> None:
    answered.append(result(bpm=128.0))
    command.enrich(LINE, as_json=True)
    body = json.loads(capsys.readouterr().out)
    assert (body["status"], body["metadata_acquired"]) == ("completed", {"bpm": 128.0})
    assert [request["operation"] for request in body["requests"]] == ["search"]
    assert "body" not in body["requests"][0]


def test_a_track_that_failed_ends_with_an_error(answered: list[command.Result]) -> None:
    answered.append(result(is_open=True))
    with pytest.raises(typer.Exit) as ended:
        command.enrich(LINE)
    assert ended.value.exit_code == 1
