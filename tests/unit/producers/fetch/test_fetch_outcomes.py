"""Outcomes of responses: Retry-After, blocks, failures; robots.txt and its verdicts."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.fetch import outcomes, robots
from producers.fetch.robots import RobotsFile
from producers.fetch.rules import FetchOutcome
from songnodes import retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR_LATER = format_datetime(NOW + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (HOUR_LATER, 3600.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0.0),
        ("Monday, 23-Nov-26 12:10:00 GMT", 600.0),  # RFC 850, which recipients still have to read
        ("99999999999", retry_after.MAX_RETRY_AFTER_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", retry_after.MAX_RETRY_AFTER_S),
        ("-5", None),
        ("1.5", 2.0),
        ("120s", 120.0),
        ("60 seconds", 60.0),
        ("60, 3600", 3600.0),
        ("00000000000000000030", 30.0),
        ("1e9", None),
        ("inf", None),
        ("0x10", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -1200", retry_after.MAX_RETRY_AFTER_S),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("9" * 400, retry_after.MAX_RETRY_AFTER_S),
        ('"120"', 120.0),
        ("120;", 120.0),
        (".5", 1.0),
        (".", None),
        ("2 minutes", 120.0),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("1500ms", 2.0),
        (str(int(NOW.timestamp()) + 90), 90.0),  # a time since 1970, as X-RateLimit-Reset has it
        (str(int(NOW.timestamp() - 90) * 1000), 0.0),
        ("2026-11-23T13:00:00+00:00", 3600.0),
        ("2026-11-23T12:10:00Z", 600.0),
        ("2026-13-23T12:10:00Z", None),
        ("Mon Nov 23 12:10:00 2026", 600.0),
        ("Mon, 23 Nov 2026 13:10:00 +0100", 600.0),
        ("60, ,30", 60.0),
        ("-5, 10", 10.0),
        ("1 hour 30 minutes", 5400.0),
        ("6m0s", 360.0),
        ("2 days", 172_800.0),
        ("00:01:30", 90.0),
        ("PT1M30S", 90.0),
        ("3,600", 3600.0),
        ("60; comment", 60.0),
        ("60 (rate limited)", 60.0),
        ("seconds=60", 60.0),
        (f"{HOUR_LATER}, Mon, 23 Nov 2026 14:00:00 GMT", 7200.0),
        (f"60, {HOUR_LATER}", 3600.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT, 60", 60.0),
        ("2026-11-24", 43_200.0),
        ("60/120", None),
        ("60 60", None),
        ("1.2.3", None),
    ],
)
def test_retry_after_is_parsed(text: str, seconds: float | None) -> None:
    assert retry_after.seconds({"retry-after": text}, NOW) == seconds


EPOCH_S = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-reset": "60", "ratelimit-remaining": "0"}, 60.0),
        ({"x-ratelimit-reset": str(EPOCH_S + 60)}, 60.0),
        ({"x-rate-limit-reset": str((EPOCH_S + 60) * 1000)}, 60.0),
        ({"x-ratelimit-reset-after": "59.2"}, 60.0),
        ({"x-ratelimit-reset-requests": "1m0s"}, 60.0),
        ({"x-ratelimit-reset": HOUR_LATER}, 3600.0),
        ({"ratelimit": "limit=100, remaining=0, reset=60"}, 60.0),
        ({"ratelimit": '"burst";r=5;t=1, "day";r=0;t=60'}, 60.0),
        ({"x-retry-after": "60"}, 60.0),
        ({"retry-after-ms": "60000"}, 60.0),
        ({"retry-after": "0", "ratelimit-reset": "60"}, 60.0),
        ({"retry-after": "soon", "ratelimit-reset": "60"}, 60.0),
        ({"retry-after": "5", "ratelimit-reset": "3600"}, 5.0),
        ({"x-ratelimit-reset": str(EPOCH_S - 60)}, 0.0),
        ({"x-ratelimit-reset": "9" * 20}, None),
        ({"x-ratelimit-limit": "100"}, None),
        ({"ratelimit-policy": "100;w=60"}, None),
    ],
)
def test_the_reset_of_a_limit_counts_where_retry_after_says_nothing(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after.seconds(headers, NOW, is_limited=True) == seconds


def test_the_reset_of_a_limit_that_is_not_used_up_is_no_wait() -> None:
    reset = {"ratelimit-reset": "60"}
    assert retry_after.seconds(reset, NOW) is None
    assert retry_after.seconds({**reset, "ratelimit-remaining": "5"}, NOW) is None
    assert retry_after.seconds({**reset, "ratelimit-remaining": "0"}, NOW) == 60.0


def test_a_retry_date_is_relative_to_the_servers_clock() -> None:
    headers = {"retry-after": HOUR_LATER, "date": format_datetime(NOW + timedelta(minutes=59), usegmt=True)}
    assert retry_after.seconds(headers, NOW) == 60.0


@pytest.mark.parametrize("date", [NOW - timedelta(days=900), NOW + timedelta(days=2)])
def test_the_date_of_an_old_copy_does_not_count(date: datetime) -> None:
    headers = {"retry-after": HOUR_LATER, "date": format_datetime(date, usegmt=True)}
    assert retry_after.seconds(headers, NOW) == 3600.0


@given(text=st.text(max_size=60))
def test_any_retry_after_is_seconds_or_none(text: str) -> None:
    seconds = retry_after.seconds({"retry-after": text, "date": text}, NOW)
    assert seconds is None or 0 <= seconds <= retry_after.MAX_RETRY_AFTER_S


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, b"captcha scripts stand on good pages too", FetchOutcome(ending="fetched")),
        (304, {}, b"", FetchOutcome(ending="fetched")),
        (404, {}, b"nothing here", FetchOutcome(ending="fetched")),
        (403, {}, b"", FetchOutcome(ending="blocked", why="403")),
        (403, {"retry-after": "99"}, b"", FetchOutcome(ending="blocked", why="403", hold=99.0)),
        (404, {}, b"<p>Solve the CAPTCHA</p>", FetchOutcome(ending="blocked", why="captcha")),
        (429, {}, b"/info/unblock_ip.html", FetchOutcome(ending="blocked", why="captcha")),
        (429, {"retry-after": "30"}, b"", FetchOutcome(ending="limited", why="429", hold=30.0)),
        (503, {"retry-after": HOUR_LATER}, b"", FetchOutcome(ending="failed", why="503", hold=3600.0)),
        (500, {}, b"", FetchOutcome(ending="failed", why="500")),
        (420, {}, b"", FetchOutcome(ending="limited", why="420")),
        (408, {"retry-after": "60"}, b"", FetchOutcome(ending="failed", why="408", hold=60.0)),
        (
            429,
            {"ratelimit-reset": "60"},
            b"",
            FetchOutcome(ending="limited", why="429", hold=60.0),
        ),
        (200, {"retry-after": "0"}, b"", FetchOutcome(ending="fetched")),
        (
            *(200, {"retry-after": "120"}, b""),
            FetchOutcome(ending="fetched", why="200 with Retry-After", hold=120.0),
        ),
        (
            *(404, {"retry-after": "86400"}, b""),
            FetchOutcome(ending="fetched", why="404 with Retry-After", hold=outcomes.MAX_SUCCESS_COOLDOWN_S),
        ),
        (
            *(301, {"retry-after": "120"}, b""),
            FetchOutcome(ending="fetched", why="301 with Retry-After", hold=outcomes.MAX_REDIRECT_COOLDOWN_S),
        ),
        (200, {"cf-mitigated": "challenge"}, b"", FetchOutcome(ending="blocked", why="challenge")),
    ],
)
def test_outcome_of_a_response(
    status: int, headers: dict[str, str], body: bytes, outcome: FetchOutcome
) -> None:
    assert outcomes.from_response(status, headers, body, NOW) == outcome


def test_a_missing_robots_txt_is_not_a_block() -> None:
    assert outcomes.from_robots_response(403, {}, NOW).ending == "fetched"
    assert outcomes.from_robots_response(429, {}, NOW).ending == "limited"
    assert outcomes.from_robots_response(502, {}, NOW).ending == "failed"


def robots_rules(text: str, url: str = "https://site.example/tracklist/1") -> robots.RobotsVerdict:
    return robots.evaluate(robots.from_response(200, text.encode(), 0.0, 1.0), url, "SongNodes")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: 10\nUser-agent: songnodes\nCrawl-delay: 0.5", 0.5),
        ("User-agent: other\nCrawl-delay: 10", 0.0),
        ("User-agent: *\nRequest-rate: 1/30", 30.0),
        ("User-agent: *\nRequest-rate: 1/5\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 99999999", robots.MAX_DELAY_S),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: nan", 0.0),
        ("User-agent: *\nCrawl-delay: inf", 0.0),
        ("User-agent: *\nCrawl-delay: -3", 0.0),
        ("User-agent: *\nRequest-rate: 0/5", 0.0),
        ("User-agent: *\nCrawl-delay: 10 seconds", 10.0),
        ("User-agent: *\nCrawl-delay: 2,5s # slow", 2.5),
        ("", 0.0),
    ],
)
def test_crawl_delays_of_robots_txt_are_parsed(text: str, delay: float) -> None:
    assert robots_rules(text).delay == delay


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nAllow: /tracklist/", True),
        ("User-agent: *\nDisallow: /*/1$", False),
        ("User-agent: *\nDisallow: /\nUser-agent: SongNodes\nDisallow:", True),
        ("User-agent: SongNodes\nDisallow: /tracklist", False),
        ("<html>not a robots.txt</html>", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: SongNodes/1.0\nDisallow: /", False),
        ("User-Agent: songnodes/2\nDisallow: /", False),
        ("user agent SONGNODES (set lists)\nDisallow: /", False),
        ("User-agent: SongNodes # comment\nDisallow: /", False),
        ("User-agent: Mozilla/5.0 (compatible; SongNodes/1.0; +https://x.example)\nDisallow: /", False),
        ("User-agent: Song*\nDisallow: /", False),
        ("User-agent: *SongNodes*\nDisallow: /", False),
        ("User-agent: * (all)\nDisallow: /", False),
        ("User-agent: a\nUser-agent: SongNodes/1.0\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: SongNodes/1.0\nDisallow:", True),
        ("User-agent: SongNodes\nDisallow: /a\n\nUser-agent: SongNodes/1.0\nDisallow: /tracklist", False),
        ("User-agent: *,\nDisallow: /", False),
        ("\u200bUser-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: https://site.example/tracklist", False),
        ("User-agent: Song\nDisallow: /", True),
        ("User-agent: SongNodesBot/1.0\nDisallow: /", True),
        ("User-agent: not-SongNodes\nDisallow: /", True),
        ("User-agent: News*\nDisallow: /", True),
    ],
)
def test_robots_txt_allows_paths(text: str, allowed: bool) -> None:
    assert robots_rules(text).allowed is allowed


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        ("", "utf-8"),
        ("\ufeff", "utf-8"),
        ("\ufeff", "utf-16-le"),
        ("\ufeff", "utf-16-be"),
        ("\ufeff", "utf-32-le"),
        ("\ufeff", "utf-32-be"),
        ("\ufeff", "gb18030"),
        ("", "utf-16-le"),
        ("", "utf-16-be"),
    ],
)
def test_robots_txt_is_read_in_any_encoding(mark: str, encoding: str) -> None:
    body = f"{mark}User-agent: *\r\nDisallow: /".encode(encoding)
    verdict = robots.evaluate(
        robots.from_response(200, body, 0.0, 1.0), "https://site.example/x", "SongNodes"
    )
    assert not verdict.allowed


@pytest.mark.parametrize("name", ["robots-utf16.txt", "robots-agent-version.txt"])
def test_robots_txt_of_the_reported_cases(shared_cases: Path, name: str) -> None:
    body = (shared_cases / "19-robots" / name).read_bytes()
    verdict = robots.evaluate(
        robots.from_response(200, body, 0.0, 1.0), "https://site.example/x", "SongNodes"
    )
    assert not verdict.allowed


@given(text=st.text(max_size=300), path=st.text(max_size=40))
def test_any_robots_txt_has_a_verdict(text: str, path: str) -> None:
    verdict = robots_rules("User-agent: *\n" + text, f"https://site.example/{path}")
    assert 0 <= verdict.delay <= robots.MAX_DELAY_S


@pytest.mark.parametrize(("status", "missing"), [(200, False), (404, False), (403, False), (429, True)])
def test_statuses_of_a_missing_robots_txt(status: int, missing: bool) -> None:
    robots_file = robots.from_response(status, b"", 1000.0, 60.0)
    assert robots_file.is_missing is missing
    assert robots_file.until == 1000.0 + (60.0 if missing else robots.CACHE_TTL_S)
    assert robots.from_json(robots_file.to_json()) == robots_file


@pytest.mark.parametrize("status", [0, 500, 503, 599, 304])
def test_a_server_error_for_robots_txt_forbids_all(status: int) -> None:
    assert RobotsFile(status=status, until=0.0).is_missing or status == 304


def test_a_missing_robots_txt_is_refetched_depending_on_the_pause() -> None:
    assert robots.retry_delay(0.05) == pytest.approx(5.0)
    assert robots.retry_delay(8.0) == robots.MAX_RETRY_S
