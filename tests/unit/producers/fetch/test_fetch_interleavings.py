"""Any interleaving of several crawlers: no two requests closer than the pause, none during a cooldown, no
more than the budget in any 24 hours.

The crawlers are modelled after `gate`: they read the host's state, decide by the rules, and compare and set.
Before they send they check their own clock. Each may be killed or paused at any point.
"""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.fetch import rules
from producers.fetch.gate import LEASE_MARGIN_S, RENEW_INTERVAL_S
from producers.fetch.rules import HOUR_S, LEASE_S, FetchOutcome, Host, HostPolicy

CRAWLERS = 3
START = 1_800_000_000.0
ENDINGS = ("fetched", "failed", "limited", "blocked", "unused", "dropped")


@dataclass(slots=True)
class Crawler:
    """State of a process: the host state it read, and the start of its slot."""

    state_read: Host | None = None
    read_at: float = 0.0
    lost_at: float = 0.0
    has_slot: bool = False
    sent: bool = False


class World:
    """One host, its stored state, some crawlers, and a manual clock."""

    def __init__(self, terms: HostPolicy) -> None:
        self.terms = terms
        self.now = START
        self.host = Host()
        self.crawlers = [Crawler() for _ in range(CRAWLERS)]
        self.under_way: set[int] = set()
        self.sent: list[float] = []
        self.ended: list[float] = []
        self.cooldowns: list[float] = []

    def read_state(self, name: int) -> None:
        crawler = self.crawlers[name]
        if not crawler.has_slot:
            crawler.state_read, crawler.read_at = self.host, self.now

    def compare_and_set(self, name: int, jitter: float) -> None:
        crawler = self.crawlers[name]
        state_read, crawler.state_read = crawler.state_read, None
        if state_read is None or crawler.has_slot:
            return
        decision = rules.start(state_read, self.terms, crawler.read_at, str(name), jitter)
        if isinstance(decision, Host) and state_read == self.host:
            self.host = decision
            crawler.has_slot, crawler.sent = True, False
            crawler.lost_at = crawler.read_at + LEASE_S - LEASE_MARGIN_S

    def send(self, name: int) -> None:
        crawler = self.crawlers[name]
        if not crawler.has_slot or crawler.sent or self.now >= crawler.lost_at:
            return
        assert not self.under_way, "two requests at once"
        assert not self.ended or self.now - max(self.ended) >= self.terms.pause - 1e-6, "too close"
        assert not self.cooldowns or self.now >= max(self.cooldowns) - 1e-6, "within a hold"
        crawler.sent = True
        self.under_way.add(name)
        self.sent.append(self.now)

    def stay_alive(self, name: int) -> None:
        crawler = self.crawlers[name]
        if crawler.has_slot:
            renewed = rules.renew(self.host, self.now, str(name))
            if renewed is None:
                self.end(name, "failed", 0.0)
            else:
                self.host = renewed
                crawler.lost_at = self.now + LEASE_S - LEASE_MARGIN_S

    def end(self, name: int, ending: str, hold: float) -> None:
        crawler = self.crawlers[name]
        if not crawler.has_slot:
            return
        if ending == "unused" and crawler.sent:
            ending = "fetched"
        outcome = FetchOutcome(ending=ending, hold=hold or None)  # type: ignore[arg-type]
        before = self.host.held_until
        self.host = rules.finish(self.host, self.terms, self.now, str(name), outcome)
        if self.host.held_until > before:
            self.cooldowns.append(self.host.held_until)
        if name in self.under_way:
            self.ended.append(self.now)
        self.forget(name)

    def forget(self, name: int) -> None:
        """Reset a process that has ended or has finished its request."""
        if name in self.under_way and self.crawlers[name].has_slot:
            self.ended.append(self.now)
        self.under_way.discard(name)
        self.crawlers[name] = Crawler()

    def move(self, seconds: float) -> None:
        """Advance the clock. Running crawlers extend the lease of their request or end it in time."""
        until = self.now + seconds
        while self.under_way and self.now + RENEW_INTERVAL_S < until:
            self.now += RENEW_INTERVAL_S
            for name in list(self.under_way):
                self.stay_alive(name)
        self.now = until
        for name in list(self.under_way):
            if self.now >= self.crawlers[name].lost_at:
                self.end(name, "failed", 0.0)

    def visit(self, name: int, seconds: float) -> None:
        """Make a complete visit without disturbance, so that most runs send something."""
        self._begin(name)
        self.move(seconds)
        self.end(name, "fetched", 0.0)

    def die(self, name: int, seconds: float) -> None:
        """Make a visit that a kill ends."""
        self._begin(name)
        self.move(seconds)
        self.forget(name)
        self.move(LEASE_S)

    def _begin(self, name: int) -> None:
        self.read_state(name)
        self.compare_and_set(name, 0.5)
        self.send(name)

    def check_windows(self) -> None:
        for start, first in enumerate(self.sent):
            within = sum(1 for time in self.sent[start:] if time - first < 24 * HOUR_S)
            assert within <= self.terms.budget
        for window in (10.0, 60.0):
            for start, first in enumerate(self.sent):
                within = sum(1 for time in self.sent[start:] if time - first < window)
                assert within <= window // self.terms.pause + 1


CRAWLER = st.integers(0, CRAWLERS - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read_state"), CRAWLER),
        st.tuples(st.just("compare_and_set"), CRAWLER, st.floats(0, 1)),
        st.tuples(st.just("send"), CRAWLER),
        st.tuples(st.just("end"), CRAWLER, st.sampled_from(ENDINGS), st.sampled_from([0.0, 0.0, 5.0, 90.0])),
        st.tuples(st.just("forget"), CRAWLER),
        st.tuples(st.just("move"), st.sampled_from([0.01, 0.3, 1.0, 2.9, 3.9, 9.0, 9000.0, 90_000.0])),
        st.tuples(st.just("die"), CRAWLER, st.sampled_from([0.01, 2.0])),
        st.tuples(st.just("visit"), CRAWLER, st.sampled_from([0.01, 2.0, 12.0])),
    ),
    max_size=60,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, pause=st.sampled_from([0.5, 3.0, 8.0]), budget=st.sampled_from([2, 5, 1000]))
def test_any_interleaving_is_polite(steps: list[tuple[object, ...]], pause: float, budget: int) -> None:
    world = World(HostPolicy(pause=pause, budget=budget))
    for name, *arguments in steps:
        getattr(world, str(name))(*arguments)
    world.check_windows()


def test_crawlers_that_always_request_use_nearly_every_slot() -> None:
    world = World(HostPolicy(pause=3.0, budget=10_000))
    for beat in range(20_000):
        for name in range(CRAWLERS):
            world.read_state(name)
            world.compare_and_set(name, 0.0)
            world.send(name)
            if world.crawlers[name].sent and beat % 5 == 0:
                world.end(name, "fetched", 0.0)
        world.move(0.05)
    world.check_windows()
    assert len(world.sent) > 300  # of 333 pauses in 1000 s
