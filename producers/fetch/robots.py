"""robots.txt (RFC 9309): what it says of an address, and the shared copy of at most a day."""

import json
import math
import re
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urldefrag

from protego import Protego

from producers.sources import bodies

#: Characters that are read; RFC 9309 section 2.5 asks for 500 KiB at least.
READ = 512 * 1024
#: What copies are remembered as.
KIND = "robots"
#: The name in robots.txt that we obey, whatever User-Agent an operator may have set.
NAME = "SongNodes"
KEPT = 24 * 3600.0  # seconds that a copy is good for (RFC 9309 section 2.4)
#: A robots.txt that was not to be had is asked for again after so many pauses, and at most so many seconds.
AGAIN_PAUSES, AGAIN_AT_MOST = 100, 600.0
LONGEST_DELAY = 24 * 3600.0
#: A line that names the agents of a group, in the spellings that protego reads.
_AGENT_LINE = re.compile(r"^\s*user[- ]?agent(?:\s*:\s*|\s+)(?P<value>\S[^#]*)", re.IGNORECASE)
#: Our name as a whole product token (letters, "_" and "-", RFC 9309 section 2.2.1), anywhere in the value.
_OURS = re.compile(rf"(?<![A-Za-z0-9_-]){NAME}(?![A-Za-z_-])", re.IGNORECASE)
#: Name of all groups of other crawlers: protego would take "Song" for a part of our name.
_OTHERS = "another-crawler"
#: Characters of a name with wildcards that are matched.
_LONGEST_PATTERN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What the site gave for robots.txt: the status, the text of a 200, and until when it counts (seconds
    since 1970). Status 0 stands for no answer."""

    status: int
    text: str = ""
    until: float

    @property
    def why_not(self) -> str:
        """What to say of a missing one."""
        return f"robots.txt: {self.status or 'no answer'}"

    @property
    def is_missing(self) -> bool:
        """The site has no answer for now, so that nothing may be asked (RFC 9309 section 2.3.1.4)."""
        return self.status == 429 or not 200 <= self.status < 500

    def written(self) -> str:
        """As text, for `read`."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`delay` in seconds between two requests, 0 where none is asked for. `text` is stored with a page."""

    allowed: bool
    delay: float
    text: str


def read(text: str) -> Copy:
    """The copy from its written form."""
    return Copy(**json.loads(text))


def copy_of(status: int, body: bytes, now: float, again: float) -> Copy:
    """Return the copy of an answer for robots.txt; `again` seconds are waited after one that is no answer.

    The text is UTF-8 (RFC 9309 section 2.3) unless a byte order mark names another encoding.
    """
    text = _text(body)[:READ] if status == 200 else ""
    copy = Copy(status=status, text=text, until=now + KEPT)
    return no_answer(now, again, status) if copy.is_missing else copy


def _text(body: bytes) -> str:
    marked = bodies.decode_marked(body)
    if marked is not None:
        return marked.text
    if b"\x00" in body[:2]:  # UTF-16 without its mark: the first character of a line is ASCII
        return bodies.clean(body.decode("utf-16-be" if body[0] == 0 else "utf-16-le", "replace"))
    return body.decode("utf-8", "replace")


def no_answer(now: float, again: float, status: int = 0) -> Copy:
    """The copy when there was no answer, or one that says to come again later."""
    return Copy(status=status, until=now + again)


def again(pause: float) -> float:
    """Seconds until a robots.txt that was not to be had is asked for again."""
    return min(pause * AGAIN_PAUSES, AGAIN_AT_MOST)


def verdict(copy: Copy, url: str, agent: str) -> Verdict:
    """What a copy that is not missing says of an address to an agent: its name without the version."""
    if copy.status != 200:
        return Verdict(allowed=True, delay=0.0, text=f"allowed: no robots.txt ({copy.status})")
    rules = _parsed(copy.text)
    delay = _delay(rules, agent)
    said = f"robots.txt, delay {delay:g} s" if delay else "robots.txt"
    allowed = rules.can_fetch(urldefrag(url).url, agent)
    return Verdict(allowed=allowed, delay=delay, text=f"{'allowed' if allowed else 'disallowed'}: {said}")


def _delay(rules: Protego, agent: str) -> float:
    """The longer of Crawl-delay, fractions too, and what Request-rate comes to."""
    rate = rules.request_rate(agent)
    asked = (rules.crawl_delay(agent) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0)
    return min(max((each for each in asked if math.isfinite(each)), default=0.0), LONGEST_DELAY)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Protego:
    return Protego.parse("\n".join(_agent_line(line) for line in text.splitlines()))


def _agent_line(line: str) -> str:
    """Return a user-agent line with the name that protego is to match; other lines unchanged."""
    match = _AGENT_LINE.match(line)
    return line if match is None else f"User-agent: {_group(match['value'].strip())}"


def _group(value: str) -> str:
    """Return the group that the value of a user-agent line names: ours, "*", or that of other crawlers.

    The version and further text behind a product token do not count: "SongNodes/1.0 (test)" is ours.
    """
    token = re.split(r"[\s/]", value, maxsplit=1)[0][:_LONGEST_PATTERN].lower()
    if token and not token.strip("*"):
        return "*"
    if _OURS.search(value) or ("*" in token and fnmatchcase(NAME.lower(), re.sub(r"[\[\]?]", "", token))):
        return NAME
    return _OTHERS
