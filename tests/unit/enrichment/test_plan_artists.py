"""The plan of an artist: profiles by id, each once, and again after months."""

import json
from datetime import timedelta
from typing import Any

from enrichment.answers import evaluate
from enrichment.plan import (
    ArtistQuestion,
    Budgets,
    Closure,
    PlanConfiguration,
    PlannedCall,
    Skipped,
    plan_artist,
)
from enrichment.plan.artists import PROFILES, RENEWED_AFTER
from enrichment.providers import ALL
from enrichment.types import ProviderAccess
from songnodes.domain.identity import artist_id
from songnodes.domain.records import Attempt
from songnodes.domain.waterfall import DEFAULT
from tests.support.provider_answers import FIRST, archived_for_artist

NAME = "Deadmau5"
MBID = "4a00ec9d-c635-463a-8cd4-eb61725f0c60"
OTHER = "0d79fe8e-ba27-4859-bb8c-2f255f346853"
CONFIGURATION = PlanConfiguration(waterfall=DEFAULT.enabling(list(ALL)), now=FIRST + timedelta(minutes=1))
LINK = {"type": "discogs", "url": {"resource": "https://www.discogs.com/artist/289522-Deadmau5"}}
PROFILE = {"id": MBID, "name": "deadmau5", "sort-name": "deadmau5", "country": "CA", "relations": [LINK]}


Decisions = dict[str, PlannedCall | Skipped]


def plan(*archive: Attempt, budgets: Budgets | None = None, **changes: Any) -> Decisions:
    """Return the decisions by provider."""
    ids = changes.pop("ids", {"musicbrainz": MBID})
    question = ArtistQuestion(artist_id=artist_id(NAME), request_id="r", name=NAME, ids=ids)
    configuration = PlanConfiguration(
        waterfall=CONFIGURATION.waterfall, **{"now": CONFIGURATION.now, "off": {}, **changes}
    )
    entries = [evaluate(attempt) for attempt in archive]
    decisions = plan_artist(question, entries, configuration, budgets or Budgets())
    return {
        decision.provider if isinstance(decision, Skipped) else decision.call.provider: decision
        for decision in decisions
    }


def profile(status: str = "hit", mbid: str = MBID, body: Any = PROFILE) -> Attempt:
    """Return the answer of MusicBrainz."""
    answered = body if status == "hit" else None
    return archived_for_artist(
        NAME, "musicbrainz", "artist_by_id", answered, parameters={"id": mbid}, status=status
    )


def calls(decisions: Decisions) -> dict[str, dict[str, str]]:
    return {
        name: dict(decision.call.parameters)
        for name, decision in decisions.items()
        if isinstance(decision, PlannedCall)
    }


def test_every_profile_is_an_operation_about_artists_that_can_be_requested() -> None:
    for name, route in PROFILES.items():
        operation = ALL[name].operations[route.operation]
        assert operation.artists
        assert timedelta(seconds=operation.cache_ttl_s) < RENEWED_AFTER  # else the cache would answer
    access = ProviderAccess(base_url="http://p.example")
    for decision in plan(ids={"musicbrainz": MBID, "discogs": "1"}).values():
        assert isinstance(decision, PlannedCall)
        request = ALL[decision.call.provider].request(decision.call, access)
        assert MBID in request.url or request.url.endswith("/artists/1")


def test_without_an_id_no_name_is_searched() -> None:
    assert calls(plan(ids={})) == {}


def test_profiles_are_looked_up_by_id_and_lead_to_others() -> None:
    assert calls(plan()) == {"musicbrainz": {"id": MBID}, "lastfm": {"mbid": MBID}}
    assert calls(plan(profile())) == {"discogs": {"id": "289522"}, "lastfm": {"mbid": MBID}}
    assert "discogs" not in calls(plan(profile(body={**PROFILE, "name": "Another"})))


def test_all_ids_of_a_conflict_are_looked_up_one_after_the_other() -> None:
    ids = {"musicbrainz": f"{MBID},{OTHER}"}
    assert calls(plan(ids=ids))["musicbrainz"] == {"id": MBID}
    assert calls(plan(profile(), ids=ids))["musicbrainz"] == {"id": OTHER}


def test_an_answer_is_renewed_after_half_a_year() -> None:
    before, after = FIRST + RENEWED_AFTER - timedelta(1), FIRST + RENEWED_AFTER
    assert "musicbrainz" not in calls(plan(profile(), now=before))
    assert "musicbrainz" in calls(plan(profile(), now=after))


def test_misses_and_errors_are_repeated_by_the_schedule_of_tracks() -> None:
    for status, delay in (("miss", timedelta(days=1)), ("error", timedelta(hours=1))):
        decision = plan(profile(status), now=FIRST + delay - timedelta(seconds=1))["musicbrainz"]
        assert isinstance(decision, Skipped)
        assert (decision.retry_at is not None) == (status == "error")
        assert "musicbrainz" in calls(plan(profile(status), now=FIRST + delay))


def test_a_provider_that_is_off_or_closed_gets_no_call() -> None:
    closure = Closure(status="quota_exhausted", reason="quota", until=CONFIGURATION.now + timedelta(1))
    closed = Budgets(closed={"lastfm.artist_info": closure})
    ids = {"musicbrainz": MBID, "discogs": "1"}
    decisions = plan(off={"discogs": "No credentials."}, ids=ids, budgets=closed)
    assert set(calls(decisions)) == {"musicbrainz"}
    assert [decisions[name].status for name in ("discogs", "lastfm")] == ["disabled", "quota_exhausted"]  # type: ignore[union-attr]


def test_the_record_of_an_answer_names_the_artist() -> None:
    entry = evaluate(profile())
    (values,) = json.loads(entry["artists"])
    assert (entry["status"], entry["scope"], values["artist_id"]) == ("hit", "artists", artist_id(NAME))
