"""Requests of every operation: addresses, parameters, credentials, batches; settings and limits."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from enrichment.gateway.opening import terms_of
from enrichment.providers import ALL
from enrichment.providers.access import access_of, limits_of, retention_days_of, user_agent, windows_of
from enrichment.types import Call, HttpRequest, Window, join_items, split_items
from songnodes.domain.waterfall import DEFAULT
from songnodes.provider_settings import LATENESS_S, PROVIDERS
from songnodes.redaction import secrets_of
from songnodes.settings import Settings

SECRETS = {
    "listenbrainz_token": "listenbrainz-secret",
    "tidal_client_id": "tidal-client",
    "tidal_client_secret": "tidal-secret",
    "beatport_token": "beatport-secret",
    "spotify_client_id": "spotify-client",
    "spotify_client_secret": "spotify-secret",
    "lastfm_key": "lastfm-secret",
    "discogs_token": "discogs-secret",
}
COMPLETE: Mapping[str, Any] = {
    **SECRETS,
    "contact": "operator@songnodes.example",
    "providers_on": ["spotify"],
}
PARAMETERS = {
    "id": "123",
    "ids": "123",
    "isrc": "GBAHS1400099",
    "isrcs": "GBAHS1400099",
    "mbids": "cb2cc207-8125-445c-9ef9-6ea44eee959a",
    "artist": 'Röyksopp & "Robyn"',
    "title": "Do It Again (feat. X) [Mix: 1]",
    "names": join_items(["Robyn\nBe Mine, Now"]),
    "resources": join_items(["https://open.spotify.com/track/1?a=b,c"]),
}


def make_settings(**values: Any) -> Settings:
    """Return settings with these values."""
    return Settings(**values)


def request_of(
    provider: str, operation: str, settings: Settings | None = None, **parameters: str
) -> HttpRequest:
    """Return the request of a call with a token."""
    adapter = ALL[provider]
    access = access_of(adapter, settings or make_settings(**COMPLETE), "access-token")
    call = Call(provider=provider, operation=operation, parameters=parameters or PARAMETERS)
    return adapter.request(call, access)


OPERATIONS = [
    (name, operation) for name, provider in sorted(ALL.items()) for operation in provider.operations
]


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_every_operation_has_a_request(provider: str, operation: str) -> None:
    request = request_of(provider, operation)
    parts = urlsplit(request.url)
    assert parts.scheme == "https"
    assert parts.hostname
    assert request.url.isascii()
    assert request.headers["user-agent"] == "SongNodes/0.1.0 (+operator@songnodes.example)"
    assert (request.body is not None) == (request.method == "POST")
    shown = repr(request)
    assert "secret" not in shown
    assert "token" not in shown


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_a_call_without_its_parameter_is_refused(provider: str, operation: str) -> None:
    if operation == "authorise":
        assert request_of(provider, operation).method == "POST"
        return
    with pytest.raises(ValueError, match="no parameter"):
        request_of(provider, operation, x="1")


@pytest.mark.parametrize("provider", sorted(ALL))
def test_an_unknown_operation_is_refused(provider: str) -> None:
    with pytest.raises(ValueError, match="no operation"):
        request_of(provider, "unknown")


def test_credentials_are_in_headers_or_where_the_provider_wants_them() -> None:
    assert request_of("tidal", "search").headers["authorization"] == "Bearer access-token"
    assert request_of("spotify", "search").headers["authorization"] == "Bearer access-token"
    assert request_of("beatport", "search").headers["authorization"] == "Bearer beatport-secret"
    assert request_of("discogs", "search").headers["authorization"] == "Discogs token=discogs-secret"
    assert request_of("listenbrainz", "lookup").headers["authorization"] == "Token listenbrainz-secret"
    assert "api_key=lastfm-secret" in request_of("lastfm", "track_tags").url
    token = request_of("tidal", "authorise")
    assert token.url == "https://auth.tidal.com/v1/oauth2/token"
    assert token.headers["authorization"].startswith("Basic ")
    assert token.body == b"grant_type=client_credentials"


def test_searches_keep_to_the_rules_of_the_provider() -> None:
    deezer = parse_qs(urlsplit(request_of("deezer", "search").url).query)["q"][0]
    assert deezer == "Röyksopp & Robyn Do It Again [Mix: 1]"  # neither filters nor guests
    spotify = parse_qs(urlsplit(request_of("spotify", "search").url).query)
    assert spotify["limit"] == ["10"]
    beatport = parse_qs(urlsplit(request_of("beatport", "search").url).query)["q"][0]
    assert not set("()[]{}").intersection(beatport)
    musicbrainz = parse_qs(urlsplit(request_of("musicbrainz", "search").url).query)["query"][0]
    assert r"\"Robyn\"" in musicbrainz
    assert r"\[Mix\: 1\]" in musicbrainz
    assert "genres" not in request_of("musicbrainz", "recording_by_isrc").url  # refused there


def test_batches_are_repeated_or_in_a_body() -> None:
    links = [f"https://www.deezer.com/track/{number}" for number in range(100)]
    resources = request_of("musicbrainz", "urls", resources=join_items(links))
    assert sorted(parse_qs(urlsplit(resources.url).query)["resource"]) == sorted(links)
    names = json.loads(request_of("listenbrainz", "lookup").body or b"")
    assert names == {"recordings": [{"artist_name": "Robyn", "recording_name": "Be Mine, Now"}]}
    ids = request_of("reccobeats", "tracks", ids="a,b")
    assert parse_qs(urlsplit(ids.url).query)["ids"] == ["a,b"]
    isrcs = request_of("tidal", "tracks_by_isrc", isrcs="GBAHS1400099,USUM71029604")
    assert parse_qs(urlsplit(isrcs.url).query)["filter[isrc]"] == ["GBAHS1400099", "USUM71029604"]
    sizes = {
        (name, operation.name): operation.batch_size
        for name, provider in ALL.items()
        for operation in provider.operations.values()
        if operation.batch_parameter
    }
    assert sizes["listenbrainz", "recordings"] == 1000
    assert sizes["listenbrainz", "lookup"] == 50
    assert sizes["musicbrainz", "urls"] == 100
    assert sizes["reccobeats", "tracks"] == sizes["reccobeats", "audio_features"] == 40
    assert sizes["tidal", "tracks_by_isrc"] == 20


@given(items=st.sets(st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()), max_size=8))
def test_items_survive_being_joined(items: set[str]) -> None:
    assert split_items(join_items(items)) == tuple(sorted(items))


def test_equal_calls_have_one_key() -> None:
    first = Call(provider="deezer", operation="search", parameters={"a": "1", "b": "2"})
    second = Call(provider="deezer", operation="search", parameters={"b": "2", "a": "1"})
    third = Call(provider="deezer", operation="search", parameters={"a": "12", "b": ""})
    assert first.key == second.key != third.key


def test_the_waterfall_and_the_settings_name_the_same_providers() -> None:
    assert set(ALL) == set(PROVIDERS)
    assert set(ALL) <= set(DEFAULT.providers)


def test_every_operation_gives_waterfall_fields_or_artists_or_references() -> None:
    for name, provider in ALL.items():
        for operation in provider.operations.values():
            assert operation.gives <= set(DEFAULT.fields), operation
            assert operation.secret == (operation.name == "authorise")
        operation_name, parameters = provider.probe
        assert operation_name in provider.operations, name
        assert parameters


def test_providers_are_on_with_their_credentials() -> None:
    settings = make_settings(**COMPLETE)
    assert {name: provider.configured(settings) for name, provider in ALL.items()} == dict.fromkeys(ALL)


def test_each_reason_for_a_provider_that_is_off() -> None:
    nothing = make_settings()
    assert ALL["deezer"].configured(nothing) is None
    assert ALL["reccobeats"].configured(nothing) is None
    assert "SONGNODES_CONTACT" in (ALL["musicbrainz"].configured(nothing) or "")
    assert "policy" in (ALL["spotify"].configured(nothing) or "")
    tidal = ALL["tidal"].configured(make_settings(tidal_client_id="x")) or ""
    assert "SONGNODES_TIDAL_CLIENT_SECRET" in tidal
    assert "SONGNODES_TIDAL_CLIENT_ID" not in tidal
    assert "No credentials" in (ALL["spotify"].configured(make_settings(providers_on=["spotify"])) or "")
    off = make_settings(**{**COMPLETE, "providers_off": ["deezer"]})
    assert "SONGNODES_PROVIDERS_OFF" in (ALL["deezer"].configured(off) or "")
    simulated = make_settings(**COMPLETE, sites={"a.example": "http://127.0.0.1:9"})
    assert all("simulated" in (provider.configured(simulated) or "") for provider in ALL.values())
    local = make_settings(
        **COMPLETE,
        sites={"a.example": "http://127.0.0.1:9"},
        provider_urls={"deezer": "http://127.0.0.1:10"},
    )
    assert ALL["deezer"].configured(local) is None


def test_addresses_can_be_overridden_with_safe_ones() -> None:
    settings = make_settings(**COMPLETE, provider_urls={"tidal": "http://127.0.0.1:10/"})
    assert request_of("tidal", "search", settings).url.startswith("http://127.0.0.1:10/v2/searchResults?")
    assert request_of("tidal", "authorise", settings).url == "http://127.0.0.1:10/v1/oauth2/token"
    local = make_settings(**COMPLETE, provider_urls={"listenbrainz": "http://127.0.0.1:11"})
    assert request_of("listenbrainz", "spotify_ids", local).url.startswith("http://127.0.0.1:11/")
    assert "labs" in request_of("listenbrainz", "spotify_ids").url
    for url in ("http://tidal.example", "ftp://127.0.0.1", "https://", "https://user:pass@tidal.example"):
        with pytest.raises(ValidationError) as refused:
            make_settings(provider_urls={"tidal": url})
        assert "pass" not in str(refused.value)
    with pytest.raises(ValidationError):
        make_settings(providers_on=["napster"])


def test_the_user_agent_names_the_installation_and_its_contact() -> None:
    assert user_agent(make_settings()) == "SongNodes/0.1.0"
    settings = make_settings(installation="Club X", contact="https://club.example/contact")
    assert user_agent(settings) == "SongNodes/0.1.0 (Club X; +https://club.example/contact)"
    with pytest.raises(ValidationError):
        make_settings(installation="a\r\nb")


def test_limits_and_retention_follow_the_stricter_rule() -> None:
    settings = make_settings(
        provider_budgets={"deezer": 100}, provider_retention_days={"spotify": 5, "deezer": 900}
    )
    deezer, spotify = ALL["deezer"], ALL["spotify"]
    assert windows_of(deezer, settings) == (
        Window(starts=50, seconds=5.0),
        Window(starts=100, seconds=86400.0),
    )
    assert windows_of(ALL["musicbrainz"], settings) == (Window(starts=1, seconds=1.0),)
    limits = limits_of(spotify, spotify.operations["artist_by_id"], settings)
    assert set(limits) == {"spotify", "spotify.artist_by_id"}
    assert retention_days_of(spotify, settings) == 5
    assert retention_days_of(spotify, make_settings()) == 30
    assert retention_days_of(deezer, settings) == 900
    assert retention_days_of(deezer, make_settings()) is None
    for refused in ({"provider_budgets": {"deezer": 0}}, {"provider_retention_days": {"deezer": -1}}):
        with pytest.raises(ValidationError):
            make_settings(**refused)


def test_secrets_are_hidden() -> None:
    settings = make_settings(**COMPLETE)
    for secret in SECRETS.values():
        assert secret not in repr(settings)
        assert secret in secrets_of(settings)
    access = access_of(ALL["tidal"], settings, "access-token")
    assert "tidal-secret" not in repr(access)
    assert "access-token" not in repr(access)


def test_only_local_providers_are_called_faster() -> None:
    deezer = ALL["deezer"]
    local = {"deezer": "http://127.0.0.1:9000"}
    fast = windows_of(deezer, make_settings(provider_urls=local, provider_speed=20))
    assert fast == (Window(starts=1000, seconds=5.0),)
    assert windows_of(deezer, make_settings(provider_speed=20)) == deezer.windows
    elsewhere = {"deezer": "https://deezer.example"}
    assert windows_of(deezer, make_settings(provider_urls=elsewhere, provider_speed=20)) == deezer.windows


def test_only_local_providers_may_be_called_later_after_their_start() -> None:
    deezer = ALL["deezer"]
    late = make_settings(provider_urls={"deezer": "http://127.0.0.1:9000"}, provider_lateness=0.5)
    assert terms_of(deezer, late).lateness_s == 0.5
    assert terms_of(deezer, late).limits(deezer.operations["search"]).lateness_s == 0.5
    assert terms_of(deezer, make_settings(provider_lateness=0.5)).lateness_s == LATENESS_S
    fast = make_settings(provider_urls={"deezer": "http://127.0.0.1:9000"}, provider_speed=20)
    assert terms_of(deezer, fast).lateness_s == LATENESS_S  # the limits of a faster one are kept as exactly
