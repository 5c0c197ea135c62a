"""Rounds of one track: what the gateway is asked, in which order, and when it ends."""

from datetime import UTC, datetime

from enrichment import rounds
from enrichment.gateway.question import Answered, Question
from enrichment.plan import Budgets, PlanConfiguration, TrackQuestion
from enrichment.types import Response
from songnodes.domain.waterfall.config import DEFAULT

NOW = datetime(2026, 11, 29, tzinfo=UTC)
TRACK = TrackQuestion(
    track_id="track", request_id="request", artist="Deadmau5", title="Strobe", text="Deadmau5 - Strobe"
)
ISRC = "USUM71029604"
SEARCH = b'{"data": [{"id": 1, "title": "Strobe", "artist": {"id": 2, "name": "Deadmau5"}, "type": "track"}]}'
BY_ID = (
    b'{"id": 1, "title": "Strobe", "isrc": "%s", "bpm": 128, "artist": {"id": 2, "name": "Deadmau5"},'
    b' "contributors": [{"id": 2, "name": "Deadmau5"}], "type": "track"}' % ISRC.encode()
)


class Gateway:
    """Answers by operation of Deezer; everything else is a miss or fails."""

    def __init__(self, other: Answered) -> None:
        self.asked: list[str] = []
        self._other = other

    async def ask(self, question: Question) -> Answered:
        call = question.call
        self.asked.append(f"{call.provider}.{call.operation}")
        assert question.claim == {"text": "Deadmau5 - Strobe", "duration_ms": None, "ids": {}}
        body = {"deezer.search": SEARCH, "deezer.track_by_id": BY_ID}.get(self.asked[-1])
        if body is None:
            return self._other
        response = Response(status=200, headers={}, body=body, latency_ms=5, received=NOW)
        return Answered(status="hit", response=response, attempts=1)


def configuration(*providers: str) -> PlanConfiguration:
    return PlanConfiguration(waterfall=DEFAULT.with_enabled(providers), now=NOW)


async def test_an_answer_leads_to_the_next_call() -> None:
    gateway = Gateway(Answered(status="miss", attempts=1))
    outcome = await rounds.enrich(
        TRACK,
        gateway.ask,
        configuration("deezer", "reccobeats"),
        requested_by="service",
        now=lambda: NOW,
    )
    assert gateway.asked[:2] == ["deezer.search", "deezer.track_by_id"]
    assert gateway.asked[2] == "reccobeats.tracks"  # by the ISRC of Deezer's answer
    assert outcome.requests == len(gateway.asked) == len(outcome.answers)
    assert {skipped.provider for skipped in outcome.skipped} >= {"deezer", "reccobeats", "tidal"}


async def test_a_failed_call_is_not_repeated() -> None:
    gateway = Gateway(Answered(status="error", note="away", attempts=3))
    outcome = await rounds.enrich(
        TRACK, gateway.ask, configuration("tidal", "beatport"), requested_by="service", now=lambda: NOW
    )
    assert sorted(gateway.asked) == ["beatport.search", "tidal.search"]
    assert [answer["status"] for answer in outcome.answers] == ["error", "error"]
    assert outcome.requests == 6


async def test_archived_answers_and_closed_providers_are_not_asked() -> None:
    first = Gateway(Answered(status="miss", attempts=1))
    enabled = configuration("deezer")
    outcome = await rounds.enrich(TRACK, first.ask, enabled, requested_by="worker", now=lambda: NOW)
    again = Gateway(Answered(status="miss", attempts=1))
    await rounds.enrich(
        TRACK, again.ask, enabled, requested_by="worker", now=lambda: NOW, archive=outcome.answers
    )
    assert not again.asked
    closed = Budgets(closed={"deezer": ("quota_exhausted", "used up")})
    outcome = await rounds.enrich(
        TRACK, again.ask, enabled, requested_by="worker", budgets=closed, now=lambda: NOW
    )
    assert not again.asked
    assert ("deezer", "quota_exhausted") in {(entry.provider, entry.status) for entry in outcome.skipped}
