"""Workers of the enrichment that `up` starts, and their lines in `status`."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from infra.embedded import enriching
from infra.embedded.enriching import ProviderBudget
from infra.embedded.report import report
from infra.embedded.status import Status
from infra.embedded.workers import WORKERS, configured_workers
from songnodes.settings import Settings


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0),
        ({"contact": "mailto:me@example.org"}, 0),
        ({"provider_budgets": {"deezer": 100}}, 0),
        ({"discogs_token": SecretStr("token")}, 1),
        ({"provider_urls": {"deezer": "http://127.0.0.1:1"}}, 1),
        ({"providers_on": frozenset({"spotify"})}, 1),
        ({"enrichers": 2}, 2),
        ({"enrichers": 0, "discogs_token": SecretStr("token")}, 0),
    ],
)
def test_a_worker_runs_when_something_is_configured(changes: dict[str, Any], expected: int) -> None:
    assert Settings().model_copy(update=changes).enrichment_workers == expected


def test_optional_processes_are_programs_of_their_own() -> None:
    names = [worker.name for worker in configured_workers(crawlers=2, enrichers=1, services=1, webs=1)]
    assert names == [*(worker.name for worker in WORKERS), "crawl", "enrich", "service", "web"]
    assert configured_workers() == WORKERS


def test_without_a_worker_no_provider_is_listed() -> None:
    assert enriching.providers(Settings()) == []


def test_status_shows_limits_and_closed_operations() -> None:
    budget = ProviderBudget(
        name="deezer", used=("12 of 50 in 5 s",), closed=("search until 14:00: quota (daily [red] quota)",)
    )
    status = Status(
        servers=[],
        processes=[],
        groups=[],
        tables=[],
        refresh=[],
        set_aside=[],
        list_warnings=[],
        hosts=[],
        frontier=[],
        providers=[budget],
        unknown={"groups": "away", "tables": "away"},
    )
    console = Console(width=120, record=True, file=StringIO())
    console.print(report(status, datetime(2026, 11, 29, tzinfo=UTC)))
    text = console.export_text()
    assert "12 of 50 in 5 s" in text and "search until 14:00: quota (daily [red] quota)" in text
    assert status.plain(datetime.now(UTC))["providers"][0]["name"] == "deezer"
