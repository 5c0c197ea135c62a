"""The table of outcomes of each provider: status, error objects, forms, waits, tokens."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from enrichment.providers import ALL
from enrichment.providers.deezer import WINDOW
from enrichment.types import Call, ProviderAccess, Response

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOURS_13 = "48925"
HTML = b"<!DOCTYPE html><html><body>Please wait</body></html>"


def answer(status: int, body: Any = b"", **headers: str) -> Response:
    """Return a response; a body that is no bytes is sent as JSON."""
    return Response(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        latency_ms=1,
        received=NOW,
    )


def outcome(provider: str, response: Response, operation: str = "search") -> str:
    return ALL[provider].classify(operation, response).outcome


@pytest.mark.parametrize("provider", sorted(ALL))
@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer(200, HTML), "broken"),
        (answer(200, b"\n <html>"), "broken"),
        (answer(200, b""), "broken"),
        (answer(200, b'{"data": [{"id": 1, "tit'), "broken"),
        (answer(200, {"error": {"status": 500, "message": "Internal error"}}), "broken"),
        (answer(200, {}), "miss"),
        (answer(404, {"message": "not found"}), "miss"),
        (answer(410), "miss"),
        (answer(204), "miss"),
        (answer(400, {"message": "bad parameter"}), "ours"),
        (answer(414, HTML), "ours"),
        (answer(401, {}), "configuration"),
        (answer(402), "configuration"),
        (answer(403, HTML), "configuration"),
        (answer(408), "busy"),
        (answer(500, HTML), "busy"),
        (answer(502), "busy"),
        (answer(503), "busy"),
        (answer(301, b"", location="https://elsewhere.example"), "broken"),
    ],
    ids=lambda value: f"{value.status}-{len(value.body)}" if isinstance(value, Response) else value,
)
def test_outcomes_that_all_share(provider: str, response: Response, expected: str) -> None:
    assert outcome(provider, response) == expected


@pytest.mark.parametrize("provider", [name for name in sorted(ALL) if name != "musicbrainz"])
def test_rate_limits_and_their_waits(provider: str) -> None:
    without = ALL[provider].classify("search", answer(429, {"error": {"status": 429}}))
    assert (without.outcome, without.retry_after_s) == ("busy", None)
    short = ALL[provider].classify("search", answer(429, b"", retry_after="7"))
    assert (short.outcome, short.retry_after_s) == ("busy", 7.0)
    long = ALL[provider].classify("search", answer(429, b"", retry_after=HOURS_13))
    assert (long.outcome, long.retry_after_s) == ("quota", 48_925.0)
    dated = answer(429, b"", retry_after="Sun, 29 Nov 2026 12:00:30 GMT")
    assert ALL[provider].classify("search", dated).retry_after_s == 30.0


@pytest.mark.parametrize("provider", sorted(set(ALL) - {"musicbrainz", "beatport"}))
@pytest.mark.parametrize("body", [b"", b"Too many requests", b"<html>Too many requests</html>", b'"words"'])
@pytest.mark.parametrize(("status", "expected"), [(429, "busy"), (403, "configuration"), (503, "busy")])
def test_the_status_decides_where_the_body_is_no_error_object(
    provider: str, body: bytes, status: int, expected: str
) -> None:
    assert outcome(provider, answer(status, body)) == expected


def test_musicbrainz_answers_503_where_others_answer_429() -> None:
    response = answer(
        503, {"error": "Your requests are exceeding the allowable rate limit."}, retry_after="3"
    )
    classified = ALL["musicbrainz"].classify("search", response)
    assert (classified.outcome, classified.retry_after_s) == ("busy", 3.0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'<?xml version="1.0"?><metadata><recording-list/></metadata>', "miss"),
        (b'<metadata><recording-list><recording id="a">', "broken"),
        (b"<error><text>Not Found</text></error>", "broken"),
    ],
)
def test_musicbrainz_in_xml(body: bytes, expected: str) -> None:
    assert outcome("musicbrainz", answer(200, body)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (4, "quota"),
        (700, "busy"),
        (800, "miss"),
        (100, "ours"),
        (500, "ours"),
        (501, "ours"),
        (600, "ours"),
        (200, "configuration"),
        (300, "configuration"),
        (9999, "broken"),
    ],
)
def test_deezer_errors_have_status_200(code: int, expected: str) -> None:
    body = {"error": {"type": "Exception", "message": "words", "code": code}}
    classified = ALL["deezer"].classify("track_by_isrc", answer(200, body))
    assert classified.outcome == expected
    assert classified.note == f"Error {code}: words"
    assert classified.retry_after_s == (WINDOW.seconds if code == 4 else None)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (6, "miss"),
        (20, "miss"),
        (8, "busy"),
        (11, "busy"),
        (16, "busy"),
        (29, "quota"),
        (26, "configuration"),
        (10, "configuration"),
        (2, "ours"),
        (3, "ours"),
    ],
)
def test_lastfm_errors_by_code(code: int, expected: str) -> None:
    for status in (200, 400, 403):
        response = answer(status, {"error": code, "message": "words", "links": []})
        assert outcome("lastfm", response, "track_tags") == expected


def test_an_unknown_error_code_is_a_broken_answer_or_its_status() -> None:
    assert outcome("lastfm", answer(200, {"error": 777})) == "broken"
    assert outcome("lastfm", answer(500, {"error": 777})) == "busy"
    assert outcome("deezer", answer(500, {"error": {"code": 777}})) == "busy"


def test_spotify_quota_premium_and_bad_requests() -> None:
    spotify = ALL["spotify"]
    quota = {"error": {"status": 429, "message": "words", "reason": "QUOTA_EXCEEDED"}}
    classified = spotify.classify("search", answer(429, quota, retry_after=HOURS_13))
    assert (classified.outcome, classified.retry_after_s) == ("quota", 48_925.0)
    assert spotify.classify("search", answer(429, quota)).retry_after_s == 86_400.0
    premium = {
        "error": {"status": 403, "message": "Active premium subscription required for the owner of the app."}
    }
    refused = spotify.classify("search", answer(403, premium))
    assert refused.outcome == "configuration"
    assert "premium" in (refused.note or "")
    assert outcome("spotify", answer(400, {"error": {"status": 400, "message": "Invalid limit"}})) == "ours"
    assert outcome("spotify", answer(404, {"error": {"status": 404, "message": "Not found."}})) == "miss"


def test_beatport_restricted_tracks_are_misses_and_accounts_are_not() -> None:
    assert outcome("beatport", answer(403, {"detail": "Territory Restricted."})) == "miss"
    permission = {"detail": "You do not have permission to perform this action."}
    assert outcome("beatport", answer(403, permission)) == "configuration"
    assert outcome("beatport", answer(200, {"detail": "Internal error"})) == "broken"


def test_listenbrainz_names_its_wait_in_a_header_of_its_own() -> None:
    body = {"code": 429, "error": "Too many requests"}
    response = answer(429, body, x_ratelimit_reset_in="4")
    classified = ALL["listenbrainz"].classify("lookup", response)
    assert (classified.outcome, classified.retry_after_s) == ("busy", 4.0)


@pytest.mark.parametrize("provider", ["tidal", "spotify"])
def test_an_expired_token_is_renewed_and_a_refused_client_is_not(provider: str) -> None:
    adapter = ALL[provider]
    expired = adapter.classify("search", answer(401, {"errors": [{"status": "401"}]}))
    assert (expired.outcome, expired.token_expired) == ("configuration", True)
    for status in (400, 401, 403):
        body = {"error": "invalid_client", "error_description": "words"}
        refused = adapter.classify("authorise", answer(status, body))
        assert (refused.outcome, refused.token_expired) == ("configuration", False)
        assert "words" in (refused.note or "")
    assert adapter.classify("authorise", answer(503)).outcome == "busy"
    assert adapter.classify("authorise", answer(200, HTML)).outcome == "broken"


@pytest.mark.parametrize("provider", ["tidal", "spotify"])
def test_tokens_end_before_their_lifetime(provider: str) -> None:
    adapter = ALL[provider]
    access = ProviderAccess(base_url=adapter.base_url, token_url=adapter.token_url)
    assert adapter.authorise(access) == Call(provider=provider, operation="authorise", parameters={})
    token = adapter.read_token(answer(200, {"access_token": "secret-token", "expires_in": 3600}))
    assert token is not None
    assert (token.value, token.lifetime_s) == ("secret-token", 3540.0)
    assert "secret-token" not in repr(token)
    brief = adapter.read_token(answer(200, {"access_token": "t", "expires_in": 20}))
    assert brief is not None
    assert brief.lifetime_s == 10.0
    assert adapter.read_token(answer(200, {"access_token": "a\r\nb", "expires_in": 20})) is None
    assert adapter.read_token(answer(200, {"expires_in": 20})) is None


def test_other_providers_need_no_token() -> None:
    for name, provider in ALL.items():
        if name not in ("tidal", "spotify"):
            access = ProviderAccess(base_url=provider.base_url)
            assert provider.authorise(access) is None
            assert provider.read_token(answer(200, {"access_token": "x"})) is None


@pytest.mark.parametrize("provider", sorted(set(ALL) - {"musicbrainz", "beatport"}))
def test_a_limit_named_by_its_reset_is_waited_for(provider: str) -> None:
    reset = answer(429, b"", ratelimit_reset="7", ratelimit_remaining="0")
    classified = ALL[provider].classify("search", reset)
    assert (classified.outcome, classified.retry_after_s) == ("busy", 7.0)
    stale = answer(429, b"", retry_after="0", x_ratelimit_reset=str(int(NOW.timestamp()) + 600))
    classified = ALL[provider].classify("search", stale)
    assert (classified.outcome, classified.retry_after_s) == ("quota", 600.0)


def test_a_refusal_that_ends_is_a_limit() -> None:
    secondary = ALL["discogs"].classify("search", answer(403, b"", retry_after="600"))
    assert (secondary.outcome, secondary.retry_after_s) == ("quota", 600.0)
    used_up = answer(403, b"", x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW.timestamp()) + 30))
    assert ALL["discogs"].classify("search", used_up).retry_after_s == 30.0


@pytest.mark.parametrize(
    ("provider", "body"), [("lastfm", {"error": 29}), ("deezer", {"error": {"code": 4}})]
)
def test_a_quota_in_the_body_lasts_at_least_as_long_as_retry_after(
    provider: str, body: dict[str, Any]
) -> None:
    assert ALL[provider].classify("search", answer(200, body, retry_after="600")).retry_after_s == 600.0
