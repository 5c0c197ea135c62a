"""robots.txt (RFC 9309): what it says of an address, and the shared copy of at most a day."""

import json
import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from urllib.parse import urldefrag

from protego import Protego

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
    """The copy from an answer for robots.txt; `again` seconds are waited after one that is no answer."""
    text = body.decode("utf-8-sig", "replace")[:READ] if status == 200 else ""
    copy = Copy(status=status, text=text, until=now + KEPT)
    return no_answer(now, again, status) if copy.is_missing else copy


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
    return Protego.parse(text)
