"""What an answer says about how the host wants to be treated."""

from collections.abc import Mapping
from datetime import datetime

from producers.fetch import retry_after
from producers.fetch.rules import Conclusion

#: Bytes of an error page that are searched for a challenge.
HEAD = 65_536
#: What stands in challenge pages. Good pages carry such scripts too, so only error pages are searched.
CHALLENGES = (b"captcha", b"cf-chl", b"challenge-platform", b"unblock_ip")


def of_answer(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Conclusion:
    """From a whole answer; header names are lower case."""
    rest = retry_after.seconds(headers, now)
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return Conclusion(ending="blocked", hold=rest, why="challenge")
    if status == 403:
        return Conclusion(ending="blocked", hold=rest, why="403")
    if status >= 400 and any(mark in body[:HEAD].lower() for mark in CHALLENGES):
        return Conclusion(ending="blocked", hold=rest, why="captcha")
    if status == 429:
        return Conclusion(ending="limited", hold=rest, why="429")
    if status >= 500:
        return Conclusion(ending="failed", hold=rest, why=str(status))
    return Conclusion(ending="fetched")


def of_robots(status: int, headers: Mapping[str, str], now: datetime) -> Conclusion:
    """From an answer for robots.txt: any 4xx but 429 says that there is none (RFC 9309 section 2.3.1.3)."""
    if status == 429 or status >= 500:
        return of_answer(status, headers, b"", now)
    return Conclusion(ending="fetched")
