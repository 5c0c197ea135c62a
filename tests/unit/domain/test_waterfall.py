"""The waterfall: order, acceptability, agreement, attempts; the order of responses does not matter."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.quality import SUBJECTS
from songnodes.domain.waterfall import (
    DEFAULT,
    Answer,
    Config,
    Enriched,
    choose,
    choose_of_pages,
    completeness_ceiling,
    page_answers,
    parse_config,
    read_value,
)

NOW = datetime(2025, 10, 10, 6, 20, tzinfo=UTC)
ALL_PROVIDERS = DEFAULT.with_enabled(DEFAULT.providers)


def answer(provider: str, field: str, value: Any, match: float = 1.0, **more: Any) -> Answer:
    fields = {"observed": NOW, "response": f"{provider}-1", **more}
    return Answer(provider=provider, field=field, value=value, match_confidence=match, **fields)


def tried(enriched: Enriched, field: str) -> dict[str, str]:
    return {
        attempt["provider"]: attempt["status"] for attempt in enriched.attempts if attempt["field"] == field
    }


def test_first_acceptable_value_in_provider_order_wins() -> None:
    chosen = choose(
        [answer("deezer", "bpm", 100), answer("beatport", "bpm", 300), answer("tidal", "bpm", 128.037)],
        config=ALL_PROVIDERS,
    )
    assert chosen.values == {"bpm": 128.04}
    assert chosen.provenance == {"bpm": "tidal"}
    assert tried(chosen, "bpm") == {"beatport": "rejected", "tidal": "hit", "deezer": "hit"}
    assert [attempt["chosen"] for attempt in chosen.attempts if attempt["field"] == "bpm"] == [
        False,
        True,
        False,
    ]


def test_effective_confidence_is_weight_times_match() -> None:
    chosen = choose([answer("beatport", "key", "8A", 0.75)], config=ALL_PROVIDERS)
    assert chosen.confidences == {"key": pytest.approx(0.7125), "key_mode": pytest.approx(0.7125)}
    below = choose([answer("deezer", "bpm", 128, 0.7)], config=ALL_PROVIDERS)
    assert below.values == {}
    assert tried(below, "bpm") == {"deezer": "rejected"}


def test_within_a_provider_confidence_then_recency_decides() -> None:
    sure = [answer("deezer", "isrc", "USUG11000001", 0.8), answer("deezer", "isrc", "USUG11000002", 0.9)]
    assert choose(sure, config=ALL_PROVIDERS).values == {"isrc": "USUG11000002"}
    newer = [
        answer("deezer", "isrc", "USUG11000001", observed=NOW + timedelta(days=1)),
        answer("deezer", "isrc", "USUG11000002"),
    ]
    assert choose(newer, config=ALL_PROVIDERS).values == {"isrc": "USUG11000001"}
    refused = [answer("deezer", "isrc", "nonsense"), answer("deezer", "isrc", "USUG11000002", 0.8)]
    assert choose(refused, config=ALL_PROVIDERS).values == {"isrc": "USUG11000002"}


def test_an_override_wins_and_closes_conflicts() -> None:
    answers = [answer("beatport", "bpm", 174), answer("tidal", "bpm", 128)]
    assert choose(answers, config=ALL_PROVIDERS).conflicts == ("bpm",)
    chosen = choose(answers, {"bpm": "126.5", "key": "9B"}, ALL_PROVIDERS)
    assert chosen.values == {"bpm": 126.5, "key": 9, "key_mode": "major"}
    assert (chosen.confidences["bpm"], chosen.provenance["bpm"], chosen.conflicts) == (1.0, "override", ())
    assert chosen.bpm_ambiguous is False


def test_an_invalid_override_is_refused_with_an_attempt() -> None:
    chosen = choose([answer("beatport", "bpm", 128)], {"bpm": "fast"}, ALL_PROVIDERS)
    assert chosen.values == {"bpm": 128.0}
    assert tried(chosen, "bpm") == {"override": "rejected", "beatport": "hit"}


def test_key_and_mode_are_one_unit_of_one_provider() -> None:
    assert choose(page_answers({"key": 8})).values == {}
    assert choose(page_answers({"key_mode": "minor"})).values == {}
    chosen = choose(page_answers({"key": 8, "key_mode": "minor"}))
    assert chosen.values == {"key": 8, "key_mode": "minor"}
    assert choose([], {"key": "8", "key_mode": "minor"}).values == {"key": 8, "key_mode": "minor"}


def test_independent_agreement_raises_confidence() -> None:
    chosen = choose([answer("tidal", "bpm", 128), answer("deezer", "bpm", 127.2)], config=ALL_PROVIDERS)
    assert chosen.confidences["bpm"] == pytest.approx(1 - 0.1 * 0.3)
    many = [answer(name, "bpm", 128) for name in ("beatport", "tidal", "deezer", "soundcloud")]
    assert choose(many, config=ALL_PROVIDERS).confidences["bpm"] == 0.99


def test_one_origin_counts_once() -> None:
    chosen = choose([answer("spotify", "bpm", 128), answer("reccobeats", "bpm", 128)], config=ALL_PROVIDERS)
    assert chosen.confidences["bpm"] == 0.85
    third = choose(
        [answer(name, "bpm", 128) for name in ("tidal", "spotify", "reccobeats")], config=ALL_PROVIDERS
    )
    assert third.confidences["bpm"] == pytest.approx(1 - 0.1 * 0.15)


def test_octaves_are_ambiguous_and_not_a_conflict() -> None:
    chosen = choose([answer("beatport", "bpm", 87), answer("tidal", "bpm", 174.5)], config=ALL_PROVIDERS)
    assert chosen.values["bpm"] == 87
    assert chosen.bpm_ambiguous
    assert chosen.alternatives == {"bpm": 174.5}
    assert chosen.conflicts == ()
    assert chosen.confidences["bpm"] == 0.98


@pytest.mark.parametrize(
    ("field", "first", "second", "conflicts"),
    [
        ("bpm", 128, 140, ("bpm",)),
        ("bpm", 128, 129, ()),
        ("key", "8A", "2B", ("key",)),
        ("key", "8A", "9A", ()),
        ("key", "8A", "8B", ()),
        ("isrc", "USUG11000001", "USUG11000002", ()),
        ("duration_ms", 407_000, 227_000, ()),
    ],
)
def test_contradicting_values_are_conflicts(
    field: str, first: Any, second: Any, conflicts: tuple[str, ...]
) -> None:
    chosen = choose([answer("beatport", field, first), answer("tidal", field, second)], config=ALL_PROVIDERS)
    assert chosen.conflicts == conflicts


def test_a_contradiction_that_is_outvoted_is_closed() -> None:
    answers = [answer("beatport", "bpm", 128), answer("tidal", "bpm", 128), answer("deezer", "bpm", 140)]
    assert choose(answers, config=ALL_PROVIDERS).conflicts == ()


def test_page_values_outside_their_range_are_refused() -> None:
    chosen = choose(
        page_answers(
            {
                "isrc": "us-ug1-10-00123",
                "spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
                "beatport_id": "8086549",
                "label": "Ultra",
                "duration_ms": 283_000,
                "genres": ["Bass House", "House", "Bass House"],
                "bpm": "0",
                "energy": 1.5,
                "unheard_of": 1,
            },
            NOW,
        )
    )
    assert chosen.values == {
        "isrc": "USUG11000123",
        "spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
        "beatport_id": "8086549",
        "label": "Ultra",
        "duration_ms": 283_000,
        "genres": ["bass house", "house"],
    }
    assert set(chosen.provenance.values()) == {"page"}
    assert chosen.last_enriched is None
    assert tried(chosen, "bpm") == {"page": "rejected"}


def test_dates_keep_their_precision() -> None:
    assert choose([answer("spotify", "release_date", "2009-10")], config=ALL_PROVIDERS).values == {
        "release_date": date(2009, 10, 1),
        "release_date_precision": "month",
    }


def test_every_provider_considered_is_an_attempt_with_a_status() -> None:
    answers = [
        answer("musicbrainz", "isrc", "USUG11000123"),
        answer("deezer", "*", None, status="rate_limited", note="429", response=None),
    ]
    chosen = choose(answers)
    overall = tried(chosen, "*")
    assert overall["deezer"] == "rate_limited"
    assert overall["reccobeats"] == "skipped"
    assert overall["beatport"] == overall["spotify"] == "disabled"
    assert "musicbrainz" not in overall
    assert tried(chosen, "genres") == {"musicbrainz": "miss"}
    assert {attempt["provider"] for attempt in chosen.attempts} == set(DEFAULT.providers)
    assert {attempt["config_version"] for attempt in chosen.attempts} == {DEFAULT.version}


def test_disabled_providers_are_ignored() -> None:
    chosen = choose([answer("beatport", "bpm", 128), answer("unknown", "bpm", 99)])
    assert chosen.values == {}


def test_calls_are_counted_by_response() -> None:
    answers = [
        answer("tidal", "bpm", 128, response="one", response_time_ms=200),
        answer("tidal", "key", "8A", response="one", response_time_ms=200),
        answer("deezer", "bpm", 128, response="two", cached=True, response_time_ms=999),
        *page_answers({"label": "Ultra"}),
    ]
    metadata = choose(answers, config=ALL_PROVIDERS).metadata(
        {"completeness": 0.5, "confidence": 0.9, "validation": 1}
    )
    assert metadata["total_api_calls"] == 1
    assert metadata["total_cache_hits"] == 1
    assert metadata["enrichment_duration_ms"] == 200
    assert metadata["providers_used"] == ["tidal", "page"]
    assert metadata["quality_scores"] == {"completeness": 0.5, "confidence": 0.9, "validation": 1}
    assert {"field", "provider", "value", "confidence", "timestamp", "cached", "chosen", "status"} <= set(
        next(attempt for attempt in metadata["waterfall_attempts"] if "value" in attempt)
    )


def test_attempts_without_a_value_are_recorded_without_their_empty_members() -> None:
    answers = [
        answer("deezer", "*", None, status="rate_limited", note="closed until noon"),
        *page_answers({"label": "Ultra"}),
    ]
    chosen = choose(answers)
    attempts = chosen.metadata({})["waterfall_attempts"]
    assert {attempt["provider"] for attempt in attempts} == set(DEFAULT.providers)
    by_provider = {attempt["provider"]: attempt for attempt in attempts}
    assert by_provider["reccobeats"] == {"field": "*", "provider": "reccobeats", "status": "skipped"}
    assert by_provider["beatport"] == {"field": "*", "provider": "beatport", "status": "disabled"}
    assert by_provider["deezer"] == {
        **{"field": "*", "provider": "deezer", "status": "rate_limited"},
        **{"timestamp": NOW.isoformat(), "note": "closed until noon"},
    }
    assert [attempt for attempt in attempts if "value" in attempt] == [
        dict(attempt) for attempt in chosen.attempts if attempt["value"] is not None
    ]


VALUES: dict[str, list[Any]] = {
    "bpm": [128, 128.4, 64, 174, 0],
    "key": ["8A", "9A", "2B", "?"],
    "isrc": ["USUG11000123", "GBAHS1400099", "x"],
    "genres": [["House"], ["Techno", "House"]],
    "duration_ms": [283_000, 284_500, 5],
}
ANSWERS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.builds(
        Answer,
        provider=st.sampled_from(sorted(DEFAULT.providers)),
        field=st.just(field),
        value=st.sampled_from(VALUES[field]),
        match_confidence=st.sampled_from([0.6, 0.75, 0.95, 1.0]),
        observed=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
        cached=st.booleans(),
        response=st.sampled_from([None, "a", "b"]),
    )
)


ENDINGS = st.builds(
    Answer,
    provider=st.sampled_from(["tidal", "deezer"]),
    field=st.just("*"),
    status=st.sampled_from(["rate_limited", "error", "miss"]),
    observed=st.sampled_from([NOW, NOW + timedelta(days=1)]),
    note=st.sampled_from(["first", "second"]),
)


@given(st.lists(ANSWERS | ENDINGS, max_size=12), st.randoms(use_true_random=False))
def test_order_of_answers_does_not_matter(answers: list[Answer], chance: Any) -> None:
    result = choose(answers, config=ALL_PROVIDERS)
    shuffled = list(answers)
    chance.shuffle(shuffled)
    assert choose(shuffled, config=ALL_PROVIDERS) == result
    assert choose([*answers, *answers], config=ALL_PROVIDERS) == result
    assert all(0.5 <= confidence <= 0.99 for confidence in result.confidences.values())
    chosen = [attempt["field"] for attempt in result.attempts if attempt["chosen"]]
    assert len(chosen) == len(set(chosen))


@given(
    st.sampled_from(sorted(SUBJECTS["tracks"].fields)),
    st.one_of(st.text(), st.floats(), st.integers(), st.none()),
)
def test_any_value_is_read_or_refused(field: str, value: Any) -> None:
    parsed = read_value(field, value)
    if parsed is not None and field not in ("key", "release_date"):
        assert read_value(field, parsed) == parsed


def test_the_ceiling_excludes_unobtainable_fields() -> None:
    bare = DEFAULT.with_enabled(())
    assert completeness_ceiling({}, ALL_PROVIDERS) == pytest.approx(20 / 24)
    named = {"track_name": "x", "artist_names": ["y"], "position_in_mix": 1, "timestamp_in_mix": "0:00"}
    assert completeness_ceiling(named, ALL_PROVIDERS) == 1
    assert "musicbrainz_id" not in choose([], config=ALL_PROVIDERS).unobtainable
    only_spotify = parse_config(
        "minimum: 0.5\nproviders: {spotify: {origin: s, enabled: true}, tidal: {origin: t, enabled: false}}\n"
        "fields: {bpm: {tidal: 0.9}, energy: {spotify: 0.9}}"
    )
    assert choose([], config=only_spotify).unobtainable == ("bpm",)
    assert completeness_ceiling({}, only_spotify) == pytest.approx(1 / 24)
    assert bare.version != ALL_PROVIDERS.version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields: 3", "not a waterfall configuration"),
        ("minimum: 0.5\nproviders: {}\nfields: {bpm: {tidal: 0.9}}", "bpm: unknown provider tidal"),
        (
            "minimum: 0.5\nproviders: {tidal: {origin: t, enabled: true}}\nfields: {bpm: {tidal: 2}}",
            "bpm.tidal: weight 2.0",
        ),
    ],
)
def test_invalid_configurations_are_refused_with_their_position(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_config(text)


def test_the_version_depends_on_order_and_weight() -> None:
    base = "minimum: 0.5\nproviders: {a: {origin: a, enabled: true}, b: {origin: b, enabled: true}}\n"
    texts = ["{a: 0.9, b: 0.8}", "{b: 0.8, a: 0.9}", "{a: 0.9, b: 0.7}"]
    assert len({parse_config(f"{base}fields: {{bpm: {text}}}").version for text in texts}) == 3


GENRES = st.lists(st.sampled_from(["Deep House", "Techno", "Tools", ""]), max_size=3)
PAGE_VALUES = st.dictionaries(
    st.sampled_from([*(name for name in DEFAULT.fields if name != "genres"), "key_mode", "unknown", "*"]),
    st.none()
    | st.integers(0, 400_000)
    | st.floats(0, 300)
    | st.sampled_from(["8A", "major", "minor", "2009-10", "USUG11000001", "Ultra", "Deep House, Techno", ""]),
)


@given(
    st.builds(
        lambda values, genres: {**values, **genres},
        PAGE_VALUES,
        st.fixed_dictionaries({}, optional={"genres": GENRES}),
    ),
    st.dictionaries(st.just("genres"), st.text(min_size=1)),
    st.sampled_from([DEFAULT, ALL_PROVIDERS, DEFAULT.with_enabled([])]),
)
def test_values_of_pages_alone_are_chosen_as_among_answers(
    values: dict[str, Any], notes: dict[str, str], config: Config
) -> None:
    chosen = choose_of_pages(values, notes, config)
    plain = choose(page_answers(values, notes=notes), {}, config)
    assert chosen == plain
    assert chosen.metadata({}) == plain.metadata({})
