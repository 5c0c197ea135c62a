"""The parts of the stage benchmark that a wrong number could come from."""

import json
from pathlib import Path

import pytest

from benchmarks import broker, events, run
from benchmarks.jobs.meter import Meter
from benchmarks.jobs.task import PAIR, Task
from benchmarks.peers import ALL, BARE, QUIX
from benchmarks.summary import Summary, compare, table
from songnodes.settings import Settings


def test_a_task_survives_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(
        job="count",
        bootstrap="127.0.0.1:1",
        topic="in",
        group="g",
        changelog="c",
        output="out",
        directory=Path("d"),
        report=Path("r"),
        events=3,
        partitions=6,
    )
    monkeypatch.setattr("sys.argv", ["job", *task.arguments()])
    assert Task.from_command_line() == task


def test_the_meter_reports_when_the_last_event_was_handled(tmp_path: Path) -> None:
    meter = Meter(tmp_path / "report.json", 3)
    meter()
    meter()
    assert list(tmp_path.iterdir()) == []
    meter()
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report) == {"first", "last", "cpu"}
    assert report["first"] <= report["last"]


def test_events_are_the_same_in_every_run() -> None:
    counts = events.expected(10_000, 100)
    assert counts == events.expected(10_000, 100)
    assert counts.total() == 10_000
    assert len(counts) == 100
    assert len(next(events.keys(1, 100))) + events.VALUE_BYTES == 140


def test_runs_share_no_names() -> None:
    names = [(p.group(number), p.changelog(number)) for p in ALL for number in (1, 2)]
    assert len({group for group, _ in names}) == len({changelog for _, changelog in names}) == len(names)


def test_a_wrong_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = events.expected(100, 10)
    state: dict[bytes, bytes | None] = {key: PAIR.pack(count, 0) for key, count in wanted.items()}
    monkeypatch.setattr(broker, "newest", lambda settings, topic: state)
    run.check_counts(BARE, Settings(), 1, wanted)
    for broken in ({}, dict(list(state.items())[1:]), {**state, b"k00000000001": PAIR.pack(1000, 0)}):
        monkeypatch.setattr(broker, "newest", lambda settings, topic, broken=broken: broken)
        with pytest.raises(AssertionError):
            run.check_counts(BARE, Settings(), 1, wanted)


def test_quix_keys_have_the_name_of_the_state_behind_them() -> None:
    assert QUIX.key_of(b'k00000000001|"c"') == b"k00000000001"


def test_a_summary_is_the_median_and_the_extremes() -> None:
    assert f"{Summary.of([3.0, 1.0, 2000.0]):,.0f}" == "3 (1-2,000)"


def test_ratios_are_taken_round_by_round() -> None:
    assert compare([10, 30, 8], [5, 10, 4]) == Summary(median=2, low=2, high=3)
    with pytest.raises(ValueError, match="shorter"):
        compare([1, 2], [1])


def test_tables_are_markdown() -> None:
    assert table(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
