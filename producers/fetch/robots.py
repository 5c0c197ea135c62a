"""robots.txt (RFC 9309): evaluate addresses; the shared copy is kept for at most a day."""

import json
import math
import re
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urldefrag

from protego import Protego

from producers.sources import bodies

#: Characters that are parsed; RFC 9309 section 2.5 requires 500 KiB at least.
MAX_CHARS = 512 * 1024
#: Kind under which copies are stored.
STORE_KIND = "robots"
#: The name in robots.txt that we obey, whatever User-Agent an operator may have set.
ROBOTS_AGENT = "SongNodes"
CACHE_TTL_S = 24 * 3600.0  # RFC 9309 section 2.4
#: An unavailable robots.txt is fetched again after this many pauses, at most this many seconds.
RETRY_PAUSES, MAX_RETRY_S = 100, 600.0
MAX_DELAY_S = 24 * 3600.0
#: A line that names the agents of a group, in the spellings that protego reads.
_AGENT_LINE = re.compile(r"^[\s\u200b\ufeff]*user[- ]?agent(?:\s*:\s*|\s+)(?P<value>\S[^#]*)", re.IGNORECASE)
#: A whole address instead of a path, which no parser matches.
_WHOLE_ADDRESS = re.compile(r"^(\s*disallow\s*:\s*)https?://[^/\s]+(?=/)", re.IGNORECASE)
#: A delay with a unit or a decimal comma: "10 s", "1,5".
_DELAY = re.compile(
    r"^(\s*crawl-?delay\s*:\s*)(\d{1,9})(?:[.,](\d{1,9}))?\s*(?:s|secs?|seconds?)?\s*(?:#.*)?$", re.IGNORECASE
)
#: Our name as a whole product token (letters, "_" and "-", RFC 9309 section 2.2.1), anywhere in the value.
_OUR_GROUP = re.compile(rf"(?<![A-Za-z0-9_-]){ROBOTS_AGENT}(?![A-Za-z_-])", re.IGNORECASE)
#: Name of all groups of other crawlers: protego would take "Song" for a part of our name.
_OTHER_GROUP = "another-crawler"
#: Characters of a name with wildcards that are matched.
_MAX_PATTERN_CHARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """Response for robots.txt: the status, the text of a 200, and when it expires (seconds since 1970).

    Status 0 means that there was no response.
    """

    status: int
    text: str = ""
    until: float

    @property
    def failure(self) -> str:
        """Reason for a missing robots.txt, for users."""
        return f"robots.txt: {self.status or 'no response'}"

    @property
    def is_missing(self) -> bool:
        """True while robots.txt is unavailable, so that nothing may be fetched (RFC 9309 section 2.3.1.4)."""
        return self.status == 429 or not 200 <= self.status < 500

    def to_json(self) -> str:
        """Serialise for `from_json`."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsVerdict:
    """Verdict on an address.

    `delay` is in seconds between two requests, 0 for none; `text` is stored with a page.
    """

    allowed: bool
    delay: float
    text: str


def from_json(text: str) -> RobotsFile:
    """Parse the output of `RobotsFile.to_json`."""
    return RobotsFile(**json.loads(text))


def from_response(status: int, body: bytes, now: float, retry_delay: float) -> RobotsFile:
    """Return the copy of a response for robots.txt; a missing one expires after `retry_delay` seconds.

    The text is UTF-8 (RFC 9309 section 2.3) unless a byte order mark names another encoding.
    """
    text = _text(body)[:MAX_CHARS] if status == 200 else ""
    robots_file = RobotsFile(status=status, text=text, until=now + CACHE_TTL_S)
    return unavailable(now, retry_delay, status) if robots_file.is_missing else robots_file


def _text(body: bytes) -> str:
    marked = bodies.decode_marked(body)
    if marked is not None:
        return marked.text
    if b"\x00" in body[:2]:  # UTF-16 without its mark: the first character of a line is ASCII
        return bodies.clean(body.decode("utf-16-be" if body[0] == 0 else "utf-16-le", "replace"))
    return body.decode("utf-8", "replace")


def unavailable(now: float, retry_delay: float, status: int = 0) -> RobotsFile:
    """Return a copy for a robots.txt that was unavailable or rate limited."""
    return RobotsFile(status=status, until=now + retry_delay)


def retry_delay(pause: float) -> float:
    """Return the seconds until an unavailable robots.txt is fetched again."""
    return min(pause * RETRY_PAUSES, MAX_RETRY_S)


def evaluate(robots_file: RobotsFile, url: str, agent: str) -> RobotsVerdict:
    """Return the verdict of a robots.txt on an address; `agent` is the crawler's name without a version."""
    if robots_file.status != 200:
        return RobotsVerdict(allowed=True, delay=0.0, text=f"allowed: no robots.txt ({robots_file.status})")
    rules = _parsed(robots_file.text)
    delay = _delay(rules, agent)
    basis = f"robots.txt, delay {delay:g} s" if delay else "robots.txt"
    allowed = rules.can_fetch(urldefrag(url).url, agent)
    return RobotsVerdict(
        allowed=allowed, delay=delay, text=f"{'allowed' if allowed else 'disallowed'}: {basis}"
    )


def _delay(rules: Protego, agent: str) -> float:
    """Return the longer of Crawl-delay, fractions included, and the pause that Request-rate implies."""
    rate = rules.request_rate(agent)
    delays = (
        rules.crawl_delay(agent) or 0.0,
        rate.seconds / rate.requests if rate and rate.requests else 0.0,
    )
    return min(max((delay for delay in delays if math.isfinite(delay)), default=0.0), MAX_DELAY_S)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Protego:
    return Protego.parse("\n".join(_plain_line(line) for line in text.splitlines()))


def _plain_line(line: str) -> str:
    """Return a line as protego reads it: the name of a group that it is to match, a path for an address, and
    a delay without its unit."""
    match = _AGENT_LINE.match(line)
    if match is None and (delay := _DELAY.match(line)):
        return f"{delay[1]}{delay[2]}.{delay[3] or 0}"
    return (
        _WHOLE_ADDRESS.sub(r"\1", line) if match is None else f"User-agent: {_group(match['value'].strip())}"
    )


def _group(value: str) -> str:
    """Return the group that the value of a user-agent line names: ours, "*", or that of other crawlers.

    The version and further text behind a product token do not count: "SongNodes/1.0 (test)" is ours.
    """
    token = re.split(r"[\s/]", value, maxsplit=1)[0][:_MAX_PATTERN_CHARS].lower()
    if "*" in token and not token.strip("*,;"):
        return "*"
    if _OUR_GROUP.search(value) or (
        "*" in token and fnmatchcase(ROBOTS_AGENT.lower(), re.sub(r"[\[\]?]", "", token))
    ):
        return ROBOTS_AGENT
    return _OTHER_GROUP
