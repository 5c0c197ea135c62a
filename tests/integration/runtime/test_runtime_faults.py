"""Faults on a real broker: results after kills and pauses at any time equal those without."""

import json
import random
import signal
import time
from collections import Counter
from itertools import islice

import pytest

from songnodes.errors import EXIT_TEMPORARY
from stream_processors.runtime.state.entity import total_key
from tests.integration.runtime.counting_stage import FACTS, TOTALS
from tests.integration.runtime.runtime_driver import Fact, Lab, make_facts

KILLED_EXIT_CODE = 9  # exit code of the test stage when its option ends it


def disturb(lab: Lab, *, facts: int, kills: int, stops: int, rate: float, seed: int) -> None:
    """Send facts at a rate to two workers that are killed, some with their state wiped, and paused."""
    rnd = random.Random(seed)
    seconds = facts / rate
    plan = [(rnd.uniform(4, seconds), "kill") for _ in range(kills)]
    plan += [(rnd.uniform(4, seconds), "stop") for _ in range(stops)]
    plan.sort()
    asleep: dict[str, float] = {}
    begun, sent, todo = time.monotonic(), 0, make_facts(facts, entities=facts // 15, seed=seed)
    for slot in "ab":
        lab.start(slot)
    while sent < facts or plan or asleep:
        now = time.monotonic() - begun
        while sent < min(facts, now * rate):
            lab.send(todo[sent])
            sent += 1
        if plan and plan[0][0] < now:
            what, slot = plan.pop(0)[1], rnd.choice("ab")
            if what == "kill":
                asleep.pop(slot, None)
                lab.kill(slot, wipe=rnd.random() < 0.4)
                lab.start(slot)
            elif slot not in asleep:
                lab.workers[slot].send_signal(signal.SIGSTOP)
                asleep[slot] = now + rnd.choice([0.5, 3, 5, 8])
        for slot in [slot for slot, until in asleep.items() if until < now]:
            del asleep[slot]
            lab.workers[slot].send_signal(signal.SIGCONT)
        lab.restart_exited()
        time.sleep(0.02)
    lab.drain(180, restart=True)


def test_kills_pauses_and_wiped_state_change_no_result(lab: Lab) -> None:
    lab.environment["SONGNODES_SESSION_TIMEOUT"] = "6"
    lab.make_topics()
    disturb(lab, facts=12_000, kills=5, stops=3, rate=400, seed=1)
    lab.stop()
    lab.assert_exact()
    assert set(lab.exits) <= {EXIT_TEMPORARY}, "workers ended only because of the lease"


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 7))
def test_many_kills_pauses_and_wiped_states_change_no_result(lab: Lab, seed: int) -> None:
    lab.environment["SONGNODES_SESSION_TIMEOUT"] = "6"
    lab.make_topics()
    disturb(lab, facts=100_000, kills=14, stops=6, rate=1000, seed=seed)
    lab.stop()
    lab.assert_exact()
    assert set(lab.exits) <= {EXIT_TEMPORARY}


def test_kills_during_commits_lose_no_output(lab: Lab) -> None:
    """Kills between an acknowledged changelog record and the rest, with a stage that repeats no output."""
    lab.environment["SONGNODES_SESSION_TIMEOUT"] = "6"
    lab.make_topics()
    todo = iter(make_facts(60_000, entities=400))

    def died() -> bool:
        if lab.lag() == 0:
            for fact in islice(todo, 6000):
                lab.send(fact)
            lab.producer.flush()
        return bool(lab.exits[KILLED_EXIT_CODE] == 3)

    lab.arguments = ["--die-on-ack", "0.0005", "--emit-changes-only", "--slow", "0.0005"]
    lab.start()
    lab.wait(died, 120, restart=True)
    lab.arguments = ["--emit-changes-only"]
    lab.kill("a")
    lab.start()
    lab.drain()
    lab.stop()
    lab.assert_exact()


def test_a_zombie_writes_nothing(lab: Lab) -> None:
    """One of two workers is paused beyond its session under load, and resumes with pending work."""
    lab.environment["SONGNODES_SESSION_TIMEOUT"] = "6"
    lab.make_topics()
    todo = iter(make_facts(60_000, entities=500))

    def load(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            lab.send(next(todo))
            time.sleep(0.003)

    for slot in "ab":
        lab.start(slot)
    lab.wait(lambda: lab.members() == 2 and all(lab.events("partitions_assigned", slot) for slot in "ab"))
    load(4)
    zombie = lab.workers["a"]
    zombie.send_signal(signal.SIGSTOP)
    slept_at = time.time()
    load(9)
    lab.wait(lambda: lab.members() == 1)
    zombie.send_signal(signal.SIGCONT)
    load(3)
    assert zombie.wait(30) == EXIT_TEMPORARY
    assert "LeaseExpired" in lab.log("a") or "NotAcknowledged" in lab.log("a")
    lab.drain(120, restart=True)
    late = [
        message.timestamp()[1] / 1000 - slept_at
        for message in lab.read(lab.on_broker(TOTALS))
        if json.loads(message.value() or b"")["pid"] == zombie.pid
        and message.timestamp()[1] / 1000 > slept_at + 1
    ]
    assert late == []
    lab.stop()
    lab.assert_exact()


def test_stale_records_of_a_zombie_in_the_changelog_are_overwritten(lab: Lab) -> None:
    """The lease cannot stop a record that was in flight before the pause."""
    lab.make_topics()
    lab.send(Fact(topic=FACTS, entity="same", parts={"p": (1, 10)}))
    lab.start()
    lab.drain()
    (ours,) = [m for m in lab.read(lab.changelog) if m.key() == total_key(b"same")]
    lab.send(Fact(topic=FACTS, entity="same", parts={"p": (2, 20)}))
    lab.drain()
    key, stale = b"t|same", ours.value()
    lab.send_raw(lab.changelog, key, stale, partition=ours.partition() or 0)
    lab.send_raw(lab.changelog, b"t|nobody", stale, partition=ours.partition() or 0)
    lab.producer.flush()
    assert lab.changelog_state()[key] == stale
    for amount in range(3):
        lab.send(Fact(topic=FACTS, entity="same", parts={"other": (amount, amount)}))
    lab.drain()
    lab.kill("a", wipe=True)
    lab.assert_exact()
    assert "foreign_changelog_records_overwritten" in lab.log()
    lab.send(Fact(topic=FACTS, entity="same", parts={"p": (3, 30)}))
    lab.start()
    lab.drain()
    lab.assert_exact()


def test_a_second_worker_joins_and_leaves_under_load(lab: Lab) -> None:
    """Repeatedly, and soon after joining: a table once continued with state older than the other's writes."""
    lab.make_topics()
    todo = make_facts(6000, entities=400)
    lab.start("a")
    for number, fact in enumerate(todo):
        lab.send(fact)
        time.sleep(0.002)
        if number in (600, 2400, 4200):
            lab.start("b")
        if number in (2000, 3800, 5600):
            came = number // 1800
            lab.wait(lambda came=came: lab.events("partitions_assigned", "b") >= came)  # type: ignore[misc]
            leaving = lab.workers.pop("b")
            leaving.terminate()
            assert leaving.wait(30) == 0
    lab.drain()
    lab.assert_exact()
    assert lab.stop() == [0]
    for slot in "ab":
        assert lab.events("crash", slot) == 0
        assert lab.events("foreign_changelog_records_overwritten", slot) == 0
    answers = [json.loads(message.value() or b"") for message in lab.read(lab.on_broker(TOTALS))]
    inputs = Counter(tuple(answer["of"]) for answer in answers)
    twice = [(answer["of"], answer["pid"]) for answer in answers if inputs[tuple(answer["of"])] > 1]
    assert not twice, "an orderly rebalance repeats nothing"
    assert len(lab.expected.sent) == len(todo), "an input was not delivered"
