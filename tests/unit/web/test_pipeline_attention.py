"""Faults of the pipeline: one sentence each, with what to run; nothing where all is well."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.enriching import ProviderBudget
from infra.embedded.lag import GroupLag
from infra.embedded.refresh_state import RefreshStep, SetAside
from infra.embedded.status import ProcessStatus, ServerStatus, Status
from operations.rebuild.plan import Workspace
from songnodes.settings import Settings
from web.pages.pipeline import LIVE
from web.pipeline import attention, shown
from web.pipeline.state import PipelineState, Reports, Slow, unfinished_rebuilds
from web.rendering import ENVIRONMENT

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def server(name: str, *, answers: bool = True) -> ServerStatus:
    return ServerStatus(name=name, address="127.0.0.1", answers=answers, embedded=True)


def process(name: str, state: str = "RUNNING", restarts: int = 0) -> ProcessStatus:
    return ProcessStatus(name=name, state=state, pid=1, uptime=1.0, memory=1, why="", restarts=restarts)


def group(name: str, records: int, age_s: float) -> GroupLag:
    return GroupLag(
        group=f"songnodes-{name}",
        committed=1,
        records=records,
        oldest=AT - timedelta(seconds=age_s) if records else None,
    )


def step(error: str | None = None, failures: int = 0) -> RefreshStep:
    return RefreshStep(
        step="kappa", succeeded_at=AT, seconds=1.0, began_at=None, done=None, waiting=None,
        failures=failures, error=error,
    )  # fmt: skip


def state_of(slow: Slow | None = None, **parts: Any) -> PipelineState:
    """Return a state without a fault, with these parts in place of its own."""
    healthy: dict[str, Any] = {
        "servers": [server("kafka")],
        "processes": [process("silver", restarts=1)],
        "groups": [group("silver-v1", 5, 2.0), group("enrich-1h", 900, 3500.0)],
        "tables": [],
        "refresh": [step()],
        "set_aside": [],
        "list_warnings": [],
        "hosts": [],
        "frontier": [],
        "providers": [ProviderBudget(name="deezer", used=("5 of 10",), closed=())],
        "unknown": {},
    }
    return PipelineState(
        at=AT,
        status=Status(**(healthy | parts)),
        groups={},
        topics={},
        slow=slow or Slow(at=AT),
        reports=Reports(at=AT),
    )


def faults(state: PipelineState) -> list[tuple[str, tuple[str, ...]]]:
    findings = attention.findings(state, shown.flow(state))
    return [(finding.what, finding.commands) for finding in findings]


def letter(stage: str, count: int) -> dict[str, Any]:
    return {"stage": stage, "reason": "x", "open": count, "dealt_with": 1}


def test_nothing_is_broken() -> None:
    assert faults(state_of(slow=Slow(at=AT, letters=[letter("parse", 0)]))) == []


def test_a_server_is_named_once_and_first() -> None:
    state = state_of(servers=[server("kafka", answers=False)], processes=[process("kafka", "FATAL")])
    assert faults(state) == [
        ("kafka does not answer", ("songnodes logs kafka", "songnodes start kafka")),
    ]


@pytest.mark.parametrize(
    ("parts", "what", "command"),
    [
        ({"processes": [process("gold", "STOPPED")]}, "gold was stopped by", "songnodes start gold"),
        ({"processes": [process("gold", "FATAL")]}, "gold is fatal", "songnodes start gold"),
        ({"processes": [process("gold", restarts=3)]}, "gold ended 3 times", "songnodes logs gold"),
        (
            {"groups": [group("sink-gold.tracks", 1, 125)]},
            "sink-gold.tracks is 2 min late with 1 record",
            "songnodes logs sink",
        ),
        (
            {"groups": [replace(group("parse-v1", 0, 0), missing=("bronze.pages",))]},
            "parse reads topic bronze.pages, which does not exist",
            "songnodes topics apply",
        ),
        ({"groups": [group("enrich-1h", 9, 3700)]}, "enrich-1h is 61 min late", "songnodes logs enrich"),
        ({"refresh": [step("no", 4)]}, "The step kappa of refresh failed 4 times", "songnodes logs refresh"),
        (
            {"providers": [ProviderBudget(name="deezer", used=(), closed=("search until 13:00",))]},
            "deezer is not called: search until 13:00",
            "songnodes providers",
        ),
    ],
)
def test_a_fault_has_a_command(parts: dict[str, Any], what: str, command: str) -> None:
    ((sentence, commands),) = faults(state_of(**parts))
    assert sentence.startswith(what)
    assert command in commands


def test_dead_letters_alarms_and_what_was_set_aside_lead_to_their_place() -> None:
    slow = Slow(at=AT, letters=[letter("parse", 2), letter("parse", 1)], alarms=[{"id": "a"}])
    aside = SetAside(
        process="refresh", kind="track", id="t", attempts=3, is_set_aside=True, error="x", last_at=AT
    )
    state = state_of(slow=slow, set_aside=[aside])
    findings = attention.findings(state, shown.flow(state))
    assert [(finding.what, finding.address) for finding in findings] == [
        ("3 dead letters of parse", "/pipeline/letters/parse"),
        ("1 set aside after failing", "#aside-title"),
        ("1 sites or kinds of page seem to have changed", "#drift-title"),
    ]


def test_an_unfinished_rebuild_is_shown_with_the_command_that_continues_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert unfinished_rebuilds(settings) == {}
    directory = Workspace.of(settings, "silver").directory
    directory.mkdir(parents=True)
    (directory / "plan.json").write_text('{"versions": {"parse": 2, "silver": 3, "gold": 5}}')
    rebuilds = unfinished_rebuilds(settings)
    assert rebuilds == {"silver": {"parse": 2, "silver": 3, "gold": 5}}
    state = state_of(Slow(at=AT, rebuilds=rebuilds))
    text = ENVIRONMENT.get_template(LIVE).render(state=state, flow=[], findings=[], shown=shown, age="1 s")
    assert "rebuild of silver is unfinished (parse version 2, silver version 3, gold version 5)" in text
    assert "<code>songnodes rebuild silver --from pages</code>" in text
