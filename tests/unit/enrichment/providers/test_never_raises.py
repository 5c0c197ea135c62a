"""Extraction, classification and splitting accept any bytes: random JSON, mutated real answers, cut ones."""

import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.providers import ALL
from enrichment.types import Call, Response, join_items
from songnodes.domain.waterfall import read_value
from tests.unit.enrichment.providers.test_real_answers import files

MUTATIONS = int(os.environ.get("SONGNODES_FUZZ_ANSWERS", "40"))
NOW = datetime(2026, 11, 29, tzinfo=UTC)
#: Members that decide the shape of an answer, so that random objects reach the readers behind it.
NAMES = (
    *(
        "tracks",
        "track",
        "items",
        "data",
        "results",
        "recordings",
        "recording",
        "releases",
        "media",
        "content",
    ),
    *("included", "relationships", "attributes", "artists", "artist", "artist-credit", "toptags", "tag"),
    *("tracklist", "album", "urls", "relations", "resource", "release", "isrc", "isrcs", "label-info", "key"),
    *(
        "id",
        "name",
        "title",
        "type",
        "duration",
        "bpm",
        "tempo",
        "genres",
        "length",
        "count",
        "error",
        "errors",
    ),
    *("audio_features", "danceability", "recording_mbid", "tag", "spotify_track_ids", "release_date", "date"),
    *(
        "contributors",
        "trackTitle",
        "href",
        "profile",
        "aliases",
        "urls",
        "labels",
        "styles",
        "formats",
        "@attr",
    ),
    *("bio", "video", "sort-name", "remixers", "mix_name", "searchResults", "duration_ms", "external_ids"),
)
TEXTS = (
    *("", "\0", "\ud800", "tracks", "searchResults", "artists", "track", "artist", "9" * 400, "GBAHS1400099"),
    *(
        "1983-00-00",
        "NaN",
        "PT2M58S",
        "5:48",
        "::",
        "-1",
        "https://open.spotify.com/track/x",
        "[Mixed]",
        "A" * 5000,
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(TEXTS),
    st.text(max_size=12),
)
ANSWERS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=4)), inner, max_size=6),
    ),
    max_leaves=30,
)


def exercise(provider_name: str, body: bytes, status: int = 200) -> None:
    """Call every pure function of a provider; all values that result are acceptable to the waterfall."""
    provider = ALL[provider_name]
    response = Response(status=status, headers={}, body=body, latency_ms=1, received=NOW)
    for operation in provider.operations.values():
        parameters = {"id": "1", "isrc": "GBAHS1400099", "artist": "A", "title": "B"}
        assert provider.classify(operation.name, response).outcome
        if operation.batch_parameter:
            batch = {operation.batch_parameter: join_items(["1", "GBAHS1400099", "A\nB"])}
            call = Call(provider=provider_name, operation=operation.name, parameters=batch)
            for part in provider.split(call, body).values():
                provider.extract(operation.name, parameters, part)
    provider.read_token(response)
    for track in provider.extract("", parameters, body):
        assert all(read_value(field, value) == value for field, value in track.values.items())
        assert all(isinstance(value, str) and value.isprintable() for value in track.ids.values())
        if track.candidate is not None:
            track.candidate.read()
            track.candidate.name.encode()
        json.dumps({**track.ids, **track.artist_ids}, ensure_ascii=False).encode()
    for artist in provider.extract_artists("", parameters, body):
        json.dumps([artist.name, dict(artist.links), artist.aliases, artist.biography]).encode()
        artist.name.encode()


@pytest.mark.parametrize("provider", sorted(ALL))
@settings(max_examples=60, deadline=None)
@given(answer=ANSWERS, status=st.sampled_from([200, 200, 204, 301, 400, 401, 403, 404, 429, 500, 503, 999]))
def test_any_json(provider: str, answer: Any, status: int) -> None:
    exercise(provider, json.dumps(answer).encode(), status)


@pytest.mark.parametrize("provider", sorted(ALL))
@settings(max_examples=30, deadline=None)
@given(body=st.binary(max_size=60))
def test_any_bytes(provider: str, body: bytes) -> None:
    exercise(provider, body)


@pytest.mark.parametrize("provider", sorted(ALL))
def test_depth_and_size(provider: str) -> None:
    for body in (b"[" * 100_000, b'{"tracks":' * 50_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"9" * 5000):
        exercise(provider, body)
    exercise(provider, b"<metadata>" + b"<recording-list>" * 5000)
    exercise(provider, b'<!DOCTYPE x [<!ENTITY e "e">]><metadata>&e;</metadata>')


def mutate(value: Any, rng: random.Random) -> Any:
    """Return a copy in which some members are removed, repeated, or of another type."""
    if isinstance(value, dict):
        return {
            name: rng.choice([None, [], {}, "", 0, -1, True, [value], "x"])
            if rng.random() < 0.06
            else mutate(item, rng)
            for name, item in value.items()
            if rng.random() > 0.04
        }
    if isinstance(value, list):
        items = [mutate(item, rng) for item in value if rng.random() > 0.1]
        return [*items, rng.choice([None, 1, "x", [], {}])] if rng.random() < 0.1 else items
    return value


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_mutated_real_answers(shared_data: Path, path: Path) -> None:
    body = path.read_bytes()
    rng = random.Random(path.name)
    provider = ALL[path.parent.name]
    for _ in range(MUTATIONS):
        cut = body[: rng.randrange(len(body))]
        provider.extract("", {}, cut)
        if path.suffix == ".json":
            mutated = json.dumps(mutate(json.loads(body), rng)).encode()
            for track in provider.extract("", {}, mutated):
                assert all(read_value(field, value) == value for field, value in track.values.items())
            provider.extract_artists("", {}, mutated)


def test_unknown_members_change_nothing(shared_data: Path) -> None:
    for path in files():
        if path.suffix != ".json":
            continue
        provider = ALL[path.parent.name]
        extended = json.loads(path.read_bytes(), object_hook=lambda entry: {**entry, "x_new": {"y": [1]}})
        body = path.read_bytes()
        assert provider.extract("", {}, json.dumps(extended).encode()) == provider.extract("", {}, body)
