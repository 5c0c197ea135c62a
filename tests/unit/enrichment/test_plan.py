"""The plan of a track: laws over any answers, and the rules by example."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.plan import (
    ArchivedAnswer,
    Budgets,
    Closure,
    PlanConfiguration,
    PlannedCall,
    Skipped,
    TrackQuestion,
    plan,
    retry_at,
    worth,
)
from enrichment.plan.follow_ups import FOLLOW_UPS, follow_up
from enrichment.plan.routes import ROUTES
from enrichment.plan.types import ClosedStatus
from enrichment.providers import ALL
from enrichment.types import Call, ProviderAccess
from songnodes.domain.answers import CONCLUSIVE, WITH_VALUES
from songnodes.domain.waterfall import DEFAULT, AttemptStatus, parse_config

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
EVERYTHING = DEFAULT.enabling(list(ROUTES))
CONFIGURATION = PlanConfiguration(waterfall=EVERYTHING, now=NOW)
ISRC, SPOTIFY = "USUS11000123", "2VHlwTPRH7Wwxo2KYW5jR7"
MBID = "f6f2326f-6b25-4170-b89d-e235b25508e8"
#: One id of each kind, as the answers of the tests have them.
IDS = {
    "isrc": ISRC,
    "spotify_id": SPOTIFY,
    "musicbrainz_id": MBID,
    "musicbrainz_release_id": MBID,
    "beatport_id": "1234567",
    "deezer_id": "3135556",
    "deezer_album_id": "302127",
    "tidal_id": "77646168",
    "reccobeats_id": "0c0ba7f8",
    "discogs_release_id": "1503102",
}
VALUES: Mapping[str, Any] = {
    "bpm": 128,
    "key": "8A",
    "genres": ["progressive house"],
    "label": "mau5trap",
    "release_date": "2009-10-26",
    "release_name": "For Lack of a Better Name",
    "duration_ms": 637_000,
    **dict.fromkeys(("energy", "danceability", "valence", "acousticness"), 0.5),
    **dict.fromkeys(("instrumentalness", "liveness", "speechiness"), 0.5),
    "loudness": -6.2,
    **{name: IDS[name] for name in ("isrc", "spotify_id", "musicbrainz_id", "beatport_id")},
}


OPENS = NOW + timedelta(hours=13)


def closure(status: ClosedStatus) -> Closure:
    return Closure(status=status, reason="closed", until=OPENS)


def track(**changes: Any) -> TrackQuestion:
    fields: dict[str, Any] = {
        **{"track_id": "strobe-1", "request_id": "r", "artist": "deadmau5", "title": "Strobe"},
        "text": "deadmau5 - Strobe",
    }
    return TrackQuestion(**{**fields, **changes})


def answer(call: Call, **changes: Any) -> ArchivedAnswer:
    """Return the answer of a call, by default a hit with all that the operation may give."""
    gives = ALL[call.provider].operations[call.operation].gives
    values = {name: value for name, value in VALUES.items() if name in gives}
    fields: dict[str, Any] = {
        "attempt_id": call.key,
        "call": call.key,
        "provider": call.provider,
        "operation": call.operation,
        "lookup": "search",
        "status": "hit",
        "note": None,
        "match_class": "exact",
        "scope": "recording",
        "confidence": 1.0,
        "values": json.dumps(values),
        "ids": {name: IDS[name] for name in ("isrc", f"{call.provider}_id") if name in IDS},
        "merged_from": None,
        "observed_at": NOW,
        "cached": False,
        "latency_ms": 10,
    }
    return {**fields, **changes}  # type: ignore[typeddict-item]


def run(
    question: TrackQuestion,
    answers: Callable[[Call], ArchivedAnswer] = answer,
    configuration: PlanConfiguration = CONFIGURATION,
    budgets: Budgets | None = None,
    archive: tuple[ArchivedAnswer, ...] = (),
) -> tuple[list[PlannedCall], tuple[PlannedCall | Skipped, ...]]:
    """Plan and answer until no call is planned; return all calls, and the last plan."""
    calls: list[PlannedCall] = []
    stored = list(archive)
    for _ in range(100):
        decisions = plan(question, stored, configuration, budgets or Budgets())
        planned = [decision for decision in decisions if isinstance(decision, PlannedCall)]
        if not planned:
            return calls, decisions
        calls += planned
        stored += [answers(entry.call) for entry in planned]
    raise AssertionError("the plan does not end")


def names(calls: list[PlannedCall]) -> list[str]:
    return [f"{entry.call.provider}.{entry.call.operation}" for entry in calls]


def reasons(decisions: tuple[PlannedCall | Skipped, ...]) -> dict[str, Skipped]:
    return {decision.provider: decision for decision in decisions if isinstance(decision, Skipped)}


only = st.sets(st.sampled_from(sorted(ROUTES)))
outcomes = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["hit", "hit", "miss", "rejected", "error", "rate_limited", "stale_cache"]),
        "scope": st.sampled_from(["recording", "recording", "variant", "id", "reference", "artists"]),
        "confidence": st.sampled_from([1.0, 0.95, 0.75, 0.6]),
        "ids": st.sets(st.sampled_from(sorted(IDS))).map(lambda names: {name: IDS[name] for name in names}),
        "values": st.sets(st.sampled_from(sorted(VALUES))).map(
            lambda names: json.dumps({name: VALUES[name] for name in names})
        ),
    }
)


@settings(max_examples=200, deadline=None)
@given(st.data(), only, only, st.sets(st.sampled_from(sorted(IDS))), st.sets(st.sampled_from(sorted(VALUES))))
def test_it_ends_repeats_nothing_and_explains_every_provider(
    data: st.DataObject, off: set[str], closed: set[str], page_ids: set[str], known: set[str]
) -> None:
    question = track(ids={name: IDS[name] for name in page_ids}, known=frozenset(known))
    configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=dict.fromkeys(off, "no credentials"))
    budgets = Budgets(closed=dict.fromkeys(closed, closure("quota_exhausted")))
    calls, decisions = run(question, lambda call: answer(call, **data.draw(outcomes)), configuration, budgets)
    keys = [entry.call.key for entry in calls]
    assert len(keys) == len(set(keys))
    assert not {entry.call.provider for entry in calls} & (off | closed)
    assert reasons(decisions).keys() == ROUTES.keys()
    assert all(decision.reason for decision in reasons(decisions).values())
    assert {reasons(decisions)[name].status for name in off} <= {"disabled"}


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_the_archive_has_no_effect(order: list[int]) -> None:
    calls, _ = run(track())
    archive = [answer(entry.call) for entry in calls][:6]
    expected = plan(track(), archive, CONFIGURATION, Budgets())
    shuffled = [archive[index] for index in order if index < len(archive)]
    assert plan(track(), shuffled, CONFIGURATION, Budgets()) == expected


def test_every_route_is_an_operation_of_its_provider() -> None:
    assert ROUTES.keys() == ALL.keys()
    for name, routes in ROUTES.items():
        assert {route.operation for route in routes} <= ALL[name].operations.keys()
        assert all(route.equal_to <= ALL[name].operations.keys() for route in routes)


def test_every_planned_call_can_be_requested() -> None:
    answered = {"status": "miss", "values": "{}", "ids": {}}
    calls, _ = run(track(ids=IDS), lambda call: answer(call, **answered))
    later, _ = run(track())
    for entry in (*calls, *later):
        provider = ALL[entry.call.provider]
        assert provider.request(entry.call, ProviderAccess(base_url="http://127.0.0.1:1", token="t"))


def test_ids_of_pages_come_first_then_isrcs_then_a_search() -> None:
    def first(provider: str, **ids: str) -> tuple[str, str]:
        decisions = plan(track(ids=ids), (), CONFIGURATION, Budgets())
        (call,) = [d for d in decisions if isinstance(d, PlannedCall) and d.call.provider == provider]
        return call.call.operation, call.lookup

    assert first("deezer", deezer_id="3135556", isrc=ISRC) == ("track_by_id", "page_id")
    assert first("deezer", isrc="us-us1-10-00123") == ("track_by_isrc", "isrc")
    assert first("deezer") == ("search", "search")
    assert first("musicbrainz", spotify_id=SPOTIFY, isrc=ISRC) == ("urls", "page_id")
    assert first("reccobeats", spotify_id=SPOTIFY) == ("tracks", "page_id")


def test_an_isrc_is_normalised_before_it_is_requested() -> None:
    (call,) = [
        entry.call
        for entry in plan(track(ids={"isrc": "us-us1-10-00123"}), (), CONFIGURATION, Budgets())
        if isinstance(entry, PlannedCall) and entry.call.provider == "deezer"
    ]
    assert call.parameters == {"isrc": "USUS11000123"}


def test_the_keyless_chain_leads_from_a_search_to_audio_features() -> None:
    keyless = {name: "no credentials" for name in ROUTES if name not in ("deezer", "reccobeats")}

    def answers(call: Call) -> ArchivedAnswer:
        if (call.provider, call.operation) == ("deezer", "search"):
            return answer(call, ids={"deezer_id": "3135556"}, values="{}")
        if call.operation == "tracks":
            return answer(call, ids={"reccobeats_id": "0c0ba7f8", "spotify_id": SPOTIFY})
        return answer(call)

    configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=keyless)
    calls, decisions = run(track(), answers, configuration)
    assert names(calls)[:4] == [
        *("deezer.search", "deezer.track_by_id", "reccobeats.tracks", "reccobeats.audio_features"),
    ]
    assert reasons(decisions)["musicbrainz"].status == "disabled"


def test_a_label_that_another_has_saves_the_third_call_of_musicbrainz() -> None:
    def calls_with(*, label: bool) -> list[str]:
        switched_off = {name: "off" for name in ROUTES if name not in ("musicbrainz", "beatport")}
        values = {name: value for name, value in VALUES.items() if label or name != "label"}

        def answers(call: Call) -> ArchivedAnswer:
            own = {
                name: value
                for name, value in values.items()
                if name in ALL[call.provider].operations[call.operation].gives
            }
            ids = (
                {"musicbrainz_id": MBID, "musicbrainz_release_id": MBID}
                if call.provider == "musicbrainz"
                else {}
            )
            return answer(call, ids=ids, values=json.dumps(own))

        configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=switched_off)
        return names(run(track(ids={"beatport_id": "1234567"}), answers, configuration)[0])

    assert "musicbrainz.release_by_id" not in calls_with(label=True)
    assert "musicbrainz.release_by_id" in calls_with(label=False)


def test_a_last_resort_waits_while_another_call_may_bring_its_fields() -> None:
    off = {name: "off" for name in ROUTES if name not in ("deezer", "discogs")}
    configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=off)
    by_id = Call(provider="deezer", operation="track_by_id", parameters={"id": "3135556"})
    archive = [answer(by_id, ids={"deezer_id": "3135556", "deezer_album_id": "302127"})]
    planned = [d for d in plan(track(), archive, configuration, Budgets()) if isinstance(d, PlannedCall)]
    assert names(planned) == ["discogs.search"]  # it may have the label
    missed = answer(planned[0].call, status="miss", values="{}", ids={})
    later = [
        d for d in plan(track(), [*archive, missed], configuration, Budgets()) if isinstance(d, PlannedCall)
    ]
    assert names(later) == ["deezer.album_by_id"]


def test_a_provider_that_can_add_nothing_is_skipped() -> None:
    spotify_only = track(known=frozenset({"isrc", "spotify_id"}))
    off = {name: "off" for name in ROUTES if name != "spotify"}
    configuration = PlanConfiguration(waterfall=DEFAULT.with_enabled(["spotify"]), now=NOW, off=off)
    calls, _ = run(spotify_only, configuration=configuration)
    assert names(calls) == ["spotify.search"]
    by_hand = track(known=frozenset(EVERYTHING.fields))
    waterfall = parse_config(
        "minimum: 0.5\n"
        "providers: {page: {origin: p, enabled: true}, deezer: {origin: d, enabled: true}}\n"
        "fields: {bpm: {page: 0.9, deezer: 0.7}}\n"
    )
    configuration = PlanConfiguration(waterfall=waterfall, now=NOW)
    assert reasons(plan(by_hand, (), configuration, Budgets()))["deezer"].reason == (
        "it can add nothing that is missing"
    )
    assert names(run(track(), configuration=configuration)[0]) == ["deezer.search", "deezer.track_by_id"]


def test_errors_are_retried_after_1_hour_doubling_to_32_days() -> None:
    hours = [(retry_at(NOW, errors) - NOW) / timedelta(hours=1) for errors in (0, 1, 2, 3, 10, 11, 12, 1000)]
    assert hours == [1, 1, 2, 4, 512, 768, 768, 768]


@pytest.mark.parametrize(
    ("attempts", "wait_hours"),
    [
        ([("error", 0)], 1),
        ([("error", -1), ("error", 0)], 2),
        ([("error", -3), ("error", -2), ("error", 0)], 4),
        ([("rate_limited", -2), ("breaker_open", -1), ("quota_exhausted", 0)], 1),  # nothing was sent
        ([("error", -90), ("error", -80), ("miss", -48), ("error", 0)], 1),  # a recheck that failed
        ([("error", -90), ("error", -80), ("miss", 0)], 24),
    ],
)
def test_errors_since_the_newest_answer_delay_the_next_attempt(
    attempts: list[tuple[str, int]], wait_hours: int
) -> None:
    call = Call(provider="deezer", operation="search", parameters={"artist": "deadmau5", "title": "Strobe"})
    archive = [
        answer(call, attempt_id=str(number), status=status, observed_at=NOW + timedelta(hours=hours))
        for number, (status, hours) in enumerate(attempts)
    ]
    off = {name: "off" for name in ROUTES if name != "deezer"}

    def decide(after: timedelta) -> PlannedCall | Skipped:
        configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW + after, off=off)
        decisions = plan(track(), archive, configuration, Budgets())
        return next(
            entry for entry in decisions if isinstance(entry, PlannedCall) or entry.provider == "deezer"
        )

    due = timedelta(hours=wait_hours)
    waiting = decide(due - timedelta(seconds=1))
    assert isinstance(waiting, Skipped)
    was_answered = any(status == "miss" for status, _ in attempts)
    assert waiting.retry_at == (None if was_answered else NOW + due)
    assert waiting.recheck_at == (NOW + due if was_answered else None)
    assert isinstance(decide(due), PlannedCall)


def test_one_closed_operation_closes_its_provider_only_there() -> None:
    budgets = Budgets(closed={"deezer.search": closure("rate_limited")})
    off = {name: "off" for name in ROUTES if name != "deezer"}
    configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=off)
    assert names(run(track(ids={"isrc": ISRC}), configuration=configuration, budgets=budgets)[0])
    calls, decisions = run(track(), configuration=configuration, budgets=budgets)
    assert not calls
    assert reasons(decisions)["deezer"] == Skipped(
        provider="deezer", status="rate_limited", reason="closed", retry_at=OPENS
    )


@pytest.mark.parametrize("status", get_args(ClosedStatus))
@pytest.mark.parametrize("key", ["deezer", "deezer.search"])
def test_a_closed_provider_is_planned_again(status: ClosedStatus, key: str) -> None:
    off = {name: "off" for name in ROUTES if name != "deezer"}
    configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=off)
    budgets = Budgets(closed={key: closure(status)})
    calls, decisions = run(track(), configuration=configuration, budgets=budgets)
    assert not calls
    expected = NOW + timedelta(days=1) if status == "disabled" else OPENS
    assert reasons(decisions)["deezer"].retry_at == expected


def test_every_status_has_a_follow_up() -> None:
    assert set(FOLLOW_UPS) == set(get_args(AttemptStatus))
    assert {name for name, kind in FOLLOW_UPS.items() if kind == "none"} == WITH_VALUES
    assert {name for name, kind in FOLLOW_UPS.items() if kind in ("none", "recheck")} == CONCLUSIVE
    assert {FOLLOW_UPS[status] for status in get_args(ClosedStatus)} == {"backoff", "daily"}
    assert follow_up("a status of a later version") == "backoff"


@pytest.mark.parametrize("status", [*get_args(AttemptStatus), "later"])
def test_every_archived_attempt_is_answered_rechecked_or_sent_again(status: str) -> None:
    call = Call(provider="deezer", operation="search", parameters={"artist": "deadmau5", "title": "Strobe"})
    off = {name: "off" for name in ROUTES if name != "deezer"}
    configuration = PlanConfiguration(waterfall=EVERYTHING, now=NOW, off=off)
    decisions = plan(track(), [answer(call, status=status, values="{}", ids={})], configuration, Budgets())
    decision = reasons(decisions)["deezer"]
    delay = {"none": None, "recheck": None, "backoff": timedelta(hours=1), "daily": timedelta(days=1)}
    expected = delay[follow_up(status)]
    assert decision.retry_at == (None if expected is None else NOW + expected)
    assert decision.recheck_at == (NOW + timedelta(days=1) if follow_up(status) == "recheck" else None)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (track(plays=64, first_played=date(2026, 6, 1)), track(plays=4, first_played=date(2026, 6, 1))),
        (track(plays=4, first_played=date(2026, 11, 1)), track(plays=4, first_played=date(2012, 1, 1))),
        (track(plays=4, first_played=date(2026, 11, 1)), track(plays=4)),
    ],
)
def test_worth_grows_with_plays_and_recency(more: TrackQuestion, less: TrackQuestion) -> None:
    assert worth(more, NOW.date()) > worth(less, NOW.date()) > 0
