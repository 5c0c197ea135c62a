"""Identity of archived attempts: of a numbered attempt, and of a response."""

from datetime import UTC, datetime, timedelta

from enrichment.gateway.archive import attempt_record
from enrichment.gateway.question import Answered, Question
from enrichment.types import Call, Response

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CALL = Call(provider="deezer", operation="search", parameters={"q": "strobe"})
HIT = Answered(
    status="hit", response=Response(status=200, headers={}, body=b"{}", latency_ms=5, received=NOW)
)


def attempt_id(answered: Answered, attempt: int | None, now: datetime) -> str:
    question = Question(track_id="t", request_id="r", call=CALL, attempt=attempt)
    return str(attempt_record(question, answered, now)["attempt_id"])


def test_a_numbered_attempt_is_replaced_by_its_repetition() -> None:
    failed = Answered(status="error")
    assert attempt_id(HIT, 1, NOW) == attempt_id(failed, 1, NOW + timedelta(hours=1))
    assert attempt_id(HIT, 1, NOW) != attempt_id(HIT, 2, NOW)


def test_without_a_number_a_response_is_one_attempt_and_a_failure_replaces_none() -> None:
    later = NOW + timedelta(hours=1)
    assert attempt_id(HIT, None, NOW) == attempt_id(HIT, None, later)  # from the cache
    assert attempt_id(Answered(status="error"), None, later) != attempt_id(HIT, None, NOW)
