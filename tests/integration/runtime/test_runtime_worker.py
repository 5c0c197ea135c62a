"""A worker on a real broker: results, refusals, and exit codes."""

import json
import signal
import time

import pytest
from confluent_kafka import TopicPartition

from songnodes.errors import EXIT_CONFIGURATION, EXIT_DATA, EXIT_SOFTWARE, EXIT_TEMPORARY
from songnodes.messaging import dead_letters
from tests.integration.runtime.counting_stage import FACTS, STAGE, TOTALS, UNWRITABLE
from tests.integration.runtime.runtime_driver import Fact, Lab, make_facts
from tests.support.messages import headers_of


def test_a_worker_counts_exactly_and_recovers_from_the_changelog(lab: Lab) -> None:
    lab.make_topics()
    for fact in make_facts(6000, entities=800):
        lab.send(fact)
    lab.start()
    lab.drain()
    lab.assert_exact()

    assert lab.members() == 1
    assert lab.stop() == [0]
    assert lab.members() == 0, "it left the group, no session timeout is pending"

    before = lab.changelog_state()
    lab.start()  # with its state
    lab.wait(lambda: lab.events("partitions_assigned") == 2)
    assert lab.events("tables_recovered") == 0
    lab.kill("a", wipe=True)
    for fact in make_facts(1000, entities=800, seed=2):
        lab.send(fact)
    lab.start()  # without
    lab.drain()
    lab.assert_exact()
    assert before.keys() <= lab.changelog_state().keys()
    assert lab.events("tables_recovered") == 1
    assert lab.stop() == [0]
    assert lab.events("crash") == 0


def test_commits_continue_under_constant_load(lab: Lab) -> None:
    lab.make_topics()
    for fact in make_facts(8000, entities=800):
        lab.send(fact)
    lab.producer.flush()
    lab.start("a", "--slow", "0.001")
    lab.wait(lambda: lab.lag() > 1)  # 1 while the new group has no coordinator
    lags = [lab.lag()]
    while lags[-1]:
        lab.wait(lambda: lab.lag() < lags[-1])
        lags.append(lab.lag())
    assert len(lags) > 8, "they moved with the work, not at its end"


def test_only_the_poison_of_a_batch_becomes_dead_letters(lab: Lab) -> None:
    lab.make_topics()
    topic, poison = lab.on_broker(FACTS), (b"not json", b"", b"\xff\x00")
    for number, fact in enumerate(make_facts(600, entities=50)):
        lab.send(fact)
        if number % 200 == 100:
            lab.send_raw(topic, fact.entity.encode(), poison[number // 200])
    lab.send_raw(topic, b"\xff", b"{}")
    lab.send_raw(topic, b"n00001", None)
    lab.start()
    lab.drain()
    lab.assert_exact()
    letters = list(lab.read(lab.on_broker(f"{STAGE}.dlq")))
    assert {letter.value() for letter in letters} == {*poison, b"{}", None}
    for letter in letters:
        headers = headers_of(letter)
        reason = dead_letters.read(headers)
        assert reason is not None
        assert (reason.topic, reason.stage, reason.attempt) == (topic, STAGE, 1)
        assert dead_letters.without_reason(headers) == [("trace", b"1")]


def test_too_much_poison_stops_the_stage(lab: Lab) -> None:
    lab.make_topics()
    for _ in range(500):
        lab.send_raw(lab.on_broker(FACTS), b"n", b"not json")
    lab.producer.flush()
    worker = lab.start("a", "--poison-run", "20")
    assert worker.wait(60) == EXIT_DATA
    assert lab.lag() == 500
    assert "TooManyDeadLetters" in lab.log()


def test_an_exception_ends_the_process_with_the_record_uncommitted(lab: Lab) -> None:
    lab.make_topics()
    for number in range(40):
        lab.send(Fact(topic=FACTS, entity="same", parts={"p": (number, number)}))
    lab.producer.flush()
    worker = lab.start("a", "--raise-at", "25")
    assert worker.wait(60) == EXIT_SOFTWARE
    assert lab.lag() == 40 - 25 or lab.lag() == 40
    assert '"crash"' in lab.log()
    lab.start("a")
    lab.drain()
    lab.assert_exact()


@pytest.mark.parametrize(
    ("option", "reason", "message", "code"),
    [
        ("--raise-at", "unforeseen", "RuntimeError: as asked (counting_stage.py:", EXIT_SOFTWARE),
        ("--unstorable-at", "unstorable", "OverflowError", EXIT_SOFTWARE),
        ("--hang-at", "unforeseen", "TimeoutError: ", -signal.SIGPROF),
        ("--kill-at", "unforeseen", "ended by SIGKILL", -signal.SIGKILL),
        ("--hold-at", "unforeseen", "the session was lost", EXIT_TEMPORARY),
    ],
)
def test_a_record_that_ends_the_process_becomes_a_dead_letter(
    lab: Lab, option: str, reason: str, message: str, code: int
) -> None:
    """A supervisor restarts the worker each time, and the fault persists."""
    lab.make_topics()
    for number in range(40):
        lab.send(Fact(topic=FACTS, entity="same", parts={f"p{number:02}": (number, number + 1)}))
    lab.producer.flush()
    lab.arguments = [option, "25"]
    lab.start("a")
    lab.drain(restart=True)
    assert set(lab.exits) == {code}
    assert lab.exits[code] <= 2
    letters = [dead_letters.read(headers_of(letter)) for letter in lab.read(lab.on_broker("gold.dlq"))]
    assert {(letter.reason, letter.offset) for letter in letters if letter} == {(reason, 25)}
    assert all(letter and message in letter.message for letter in letters), letters
    totals = [json.loads(letter.value() or b"") for letter in lab.read(lab.on_broker(TOTALS))]
    of_others = sum(number + 1 for number in range(40) if number != 25)
    assert (totals[-1]["sum"], totals[-1]["count"]) == (of_others, 39)
    assert lab.stop() == [0]


def test_an_output_that_cannot_be_encoded_among_many_costs_its_record_only(lab: Lab) -> None:
    lab.make_topics()
    facts = make_facts(1000, entities=50)
    for number, fact in enumerate(facts):
        lab.send(fact)
        if number == 500:
            bad = json.dumps({"parts": {"bad": (1, UNWRITABLE)}}).encode()
            lab.send_raw(lab.on_broker(FACTS), fact.entity.encode(), bad)
    lab.start()
    lab.drain(restart=True)
    lab.assert_exact()
    assert set(lab.exits) == {EXIT_SOFTWARE}
    assert "OutputFailed" in lab.log()
    letters = list(lab.read(lab.on_broker(f"{STAGE}.dlq")))
    assert [letter.value() for letter in letters] == [bad]
    reason = dead_letters.read(headers_of(letters[0]))
    assert reason is not None
    assert reason.reason == "unwritable"
    assert lab.stop() == [0], "the worker lives"


def test_a_failing_record_is_set_aside_while_processes_die_and_is_reinserted(lab: Lab) -> None:
    """Kills occur between two acknowledged records of a commit; the totals are exact after the repair."""
    lab.make_topics()
    for number in range(400):
        fact = Fact(topic=FACTS, entity=f"e{number % 7}", parts={f"p{number:03}": (number, number + 1)})
        lab.send(fact)
    lab.producer.flush()
    lab.arguments = ["--raise-at", "25", "--die-on-ack", "0.05"]
    lab.start("a")
    lab.drain(restart=True)
    lab.stop()
    letters = list(lab.read(lab.on_broker("gold.dlq")))
    reasons = [dead_letters.read(headers_of(letter)) for letter in letters]
    partitions = {reason.partition for reason in reasons if reason}
    assert {(reason.reason, reason.offset) for reason in reasons if reason} == {("unforeseen", 25)}
    assert len(letters) >= len(partitions) >= 1
    assert lab.exits[EXIT_SOFTWARE] >= 1
    lab.arguments = []
    once = {reason.partition: letter for reason, letter in zip(reasons, letters, strict=True) if reason}
    for letter in once.values():  # as `songnodes dlq reinsert` does: the bytes as they were, with the reason
        lab.producer.produce(
            lab.on_broker(FACTS), key=letter.key(), value=letter.value(), headers=letter.headers()
        )
    lab.start("a")
    lab.drain()
    last = {message.key(): json.loads(message.value() or b"") for message in lab.read(lab.on_broker(TOTALS))}
    expected = lab.expected.totals()
    assert {(key or b"").decode(): (total["sum"], total["count"]) for key, total in last.items()} == {
        entity: (total["sum"], total["count"]) for entity, total in expected.items()
    }


def test_a_failed_delivery_ends_the_process_with_nothing_committed(lab: Lab) -> None:
    lab.make_topics(gold_tracks={"max.message.bytes": "2000"})
    for number in range(50):
        padding = 0 if number != 49 else 60_000  # no later output replaces it
        lab.send(Fact(topic=FACTS, entity="same", parts={"p": (number, number)}), padding=padding)
    lab.producer.flush()
    worker = lab.start()
    assert worker.wait(60) == EXIT_TEMPORARY
    assert lab.lag() == 50
    assert not list(lab.read(lab.changelog)), "no state without its outputs"


def test_records_lost_before_they_were_read_stop_the_stage(lab: Lab) -> None:
    lab.make_topics()
    for fact in make_facts(200, entities=20):
        lab.send(fact)
    lab.start()
    lab.drain()
    assert lab.stop() == [0]
    for fact in make_facts(400, entities=20, seed=2):
        lab.send(fact)
    lab.producer.flush()
    ends = [TopicPartition(lab.on_broker(FACTS), partition, -1) for partition in range(4)]
    for deleted in lab.admin.delete_records(ends).values():
        deleted.result()
    worker = lab.start()
    assert worker.wait(60) == EXIT_CONFIGURATION
    assert "PositionLost" in lab.log()


def test_a_worker_without_its_topics_reads_nothing(lab: Lab) -> None:
    worker = lab.start()
    assert worker.wait(60) == 1
    assert "songnodes topics apply" in lab.log()
    assert lab.on_broker(TOTALS) in lab.log()
    assert lab.on_broker(TOTALS) not in lab.admin.list_topics(timeout=10).topics


def test_two_workers_of_one_slot_are_refused(lab: Lab) -> None:
    lab.make_topics()
    lab.start("a")
    lab.wait(lambda: lab.events("worker_started") == 1)
    first = lab.workers.pop("a")
    try:
        second = lab.start("a")
        assert second.wait(60) == 1
        assert "SONGNODES_WORKER_SLOT" in lab.log()
        assert first.poll() is None
    finally:
        lab.workers["a"] = first


def test_metrics_report_progress(lab: Lab, unused_tcp_port: int) -> None:
    from urllib.request import urlopen

    lab.make_topics()
    for fact in make_facts(500, entities=20):
        lab.send(fact)
    lab.send_raw(lab.on_broker(FACTS), b"n", b"not json")
    lab.environment["SONGNODES_METRICS_PORT"] = str(unused_tcp_port)
    lab.start()
    lab.drain()
    time.sleep(1.5)
    with urlopen(f"http://127.0.0.1:{unused_tcp_port}/metrics") as page:
        text = page.read().decode()
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    assert sum(v for k, v in samples.items() if k.startswith("songnodes_processed_total")) == 501
    assert samples['songnodes_dead_letters_total{reason="not_json",stage="gold"}'] == 1
    lags = [v for k, v in samples.items() if k.startswith("songnodes_lag_records")]
    assert lags == [0.0] * 8
    app = f'{{app="{lab.group}"}}'
    assert samples[f"songnodes_commit_age_seconds{app}"] < 5
    assert samples[f"songnodes_recovery_records{app}"] == 0
    assert samples[f"songnodes_memory_bytes{app}"] > 50e6
    assert samples[f"songnodes_commit_seconds_count{app}"] >= 1
