"""Faults and limits of the providers' servers, at the server's clock and over HTTP."""

import json
from dataclasses import replace
from http.client import HTTPConnection

import pytest

from demo.providers import Faults, Holdings, Providers
from demo.providers.exchange import ApiRequest
from demo.providers.faults import CALM, LONG_RETRY_AFTER_S, FaultKind, Limit
from demo.providers.holdings import PROVIDERS, Provider
from tests.unit.demo.providers.requests import document, send

ISRC = "/track/isrc:QZXXX0000000"


def always(kind: FaultKind, **settings: float) -> Faults:
    return Faults(rates={kind: 1.0}, **settings)  # type: ignore[arg-type]


def fetch(running: Providers, provider: Provider, path: str) -> bytes:
    """Return the body of a reply over HTTP."""
    connection = HTTPConnection(running.base_urls[provider].removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("limited", 429, None),
        ("limited_until", 429, "1"),
        ("limited_for_hours", 429, str(LONG_RETRY_AFTER_S)),
        ("failing", 503, None),
        ("html", 200, None),
        ("error_body", 200, None),
    ],
)
def test_a_fault_passes_at_the_second_attempt(
    holdings: Holdings, kind: FaultKind, status: int, header: str | None
) -> None:
    providers = Providers(holdings, {"reccobeats": always(kind)})
    url = "/v1/track?ids=" + "0" * 22
    reply = send(providers, "reccobeats", url)
    assert (reply.status, reply.headers.get("Retry-After")) == (status, header)
    assert document(send(providers, "reccobeats", url)) == {"content": []}


@pytest.mark.parametrize(
    ("provider", "url", "kind", "member"),
    [
        ("deezer", ISRC, "limited", ("error", "code", 4)),
        ("deezer", ISRC, "error_body", ("error", "code", 700)),
        ("lastfm", "/2.0/?method=track.getInfo", "limited", ("error", None, 29)),
        ("lastfm", "/2.0/?method=track.getInfo", "error_body", ("error", None, 16)),
        ("lastfm", "/2.0/?method=track.getInfo", "forbidden", ("error", None, 26)),
        ("spotify", "/v1/search", "quota", ("error", "reason", "QUOTA_EXCEEDED")),
    ],
)
def test_providers_have_faults_in_their_own_form(
    holdings: Holdings,
    provider: Provider,
    url: str,
    kind: FaultKind,
    member: tuple[str, str | None, object],
) -> None:
    providers = Providers(holdings, {provider: always(kind)})
    name, inner, value = member
    error = document(send(providers, provider, url))[name]
    assert (error[inner] if inner else error) == value


def test_musicbrainz_is_busy_with_503(holdings: Holdings) -> None:
    providers = Providers(holdings, {"musicbrainz": always("limited")})
    assert send(providers, "musicbrainz", "/ws/2/isrc/QZXXX0000000?fmt=json").status == 503


def test_a_limit_holds_over_any_window(holdings: Holdings) -> None:
    providers = Providers(holdings, {"discogs": Faults(limits=(Limit(starts=2, seconds=5.0),))})
    statuses = [send(providers, "discogs", "/releases/1", now=now).status for now in (0.0, 4.0, 4.5, 5.1)]
    assert statuses == [401, 401, 429, 429]  # a refused request counts as well
    assert send(providers, "discogs", "/releases/1", now=20.0).status == 401


def test_a_quota_counts_the_last_hours_and_names_the_end(holdings: Holdings) -> None:
    quota = Limit(starts=2, seconds=86_400.0)
    providers = Providers(holdings, {"spotify": Faults(quota=quota)})
    assert [send(providers, "spotify", "/v1/search?q=x", now=now).status for now in (0.0, 3600.0)] == [
        401,
        401,
    ]
    refused = send(providers, "spotify", "/v1/search?q=x", now=7200.0)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "79200")
    assert send(providers, "spotify", "/v1/search?q=x", now=86_401.0).status == 401


def test_an_outage_ends_at_its_time(holdings: Holdings) -> None:
    providers = Providers(holdings, {"discogs": Faults(outages=((10.0, 20.0),))})
    assert [send(providers, "discogs", "/releases/1", now=now).status for now in (9, 10, 19, 20)] == [
        401,
        503,
        503,
        401,
    ]


def test_a_provider_is_forbidden_by_configuration(holdings: Holdings) -> None:
    providers = Providers(holdings, {"spotify": Faults(forbidden=True)})
    reply = send(providers, "spotify", "/v1/search?q=x")
    assert reply.status == 403
    assert "premium" in document(reply)["error"]["message"]


def test_calm_faults_are_few_and_of_several_kinds(holdings: Holdings) -> None:
    kinds = [CALM.of(f"deezer/track/{number}", 1) for number in range(20_000)]
    assert {kind for kind in kinds if kind} == set(CALM.rates)
    assert sum(kind is not None for kind in kinds) < 600
    assert all(CALM.of(f"deezer/track/{number}", 2) is None for number in range(2_000))


def test_every_provider_has_a_port_and_arrivals_are_recorded(running: Providers) -> None:
    assert len(set(running.base_urls.values())) == len(PROVIDERS)
    assert json.loads(fetch(running, "deezer", ISRC))["error"]["code"] == 800
    fetch(running, "tidal", "/v2/tracks?filter[isrc]=QZXXX0000000")
    assert [(entry.provider, entry.operation, entry.status) for entry in running.arrivals] == [
        ("deezer", "track_by_isrc", 200),
        ("tidal", "tracks", 401),
    ]
    assert running.busiest("deezer", 1.0) == 1


def test_a_cut_answer_is_half_a_body(running: Providers) -> None:
    running.faults["deezer"] = always("cut")
    with pytest.raises(ValueError):
        json.loads(fetch(running, "deezer", ISRC))


def test_the_busiest_window_counts_its_arrivals(running: Providers) -> None:
    fetch(running, "deezer", ISRC)
    (arrival,) = running.arrivals
    running.arrivals.clear()
    running.arrivals.extend(replace(arrival, at=at) for at in (0.0, 0.5, 0.75, 1.0, 1.25))
    assert running.busiest("deezer", 1.0) == 4
    assert running.busiest("deezer", 0.5) == 2  # the end of a window is outside
    assert running.busiest("deezer", 1.0, operation="search") == 0


def test_a_request_without_http_has_the_same_reply(providers: Providers) -> None:
    routed, kind = providers.handle("deezer", ApiRequest(method="GET", path="/unknown"))
    assert (routed.reply.status, kind) == (404, None)
