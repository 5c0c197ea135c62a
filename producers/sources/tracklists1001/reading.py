"""Small readings that the header and the rows share: texts, numbers, durations, cues."""

import re

from parsel import Selector, SelectorList

OPENING, CLOSING = re.compile(r"([(\[]) "), re.compile(r" ([)\]])")
DURATION = re.compile(r"^P(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)$")
CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)$")
MAX_RECORDING_S = 7 * 24 * 3600  # longer than any recording, and far inside Avro's int
LARGEST = 2**31 - 1  # Avro's int


def tidy(text: str | None) -> str | None:
    """Text with single blanks and none at its ends or inside brackets; None when nothing is left.

    Visible text of the site has blanks inside brackets, "( Dixon Rework )": its inner spans put them there.
    """
    if text is None:
        return None
    single = " ".join(text.split())
    if "( " in single or " )" in single or "[ " in single or " ]" in single:
        single = CLOSING.sub(r"\1", OPENING.sub(r"\1", single))
    return single or None


def inner_text(nodes: Selector | SelectorList[Selector]) -> str | None:
    """All text inside the first of these nodes."""
    return tidy(nodes.xpath("string()").get())


def whole(text: str | None) -> int | None:
    """Parse a number without sign, 0 to 2^31-1; None for anything else."""
    stripped = (text or "").strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) <= len(str(LARGEST))):
        return None
    value = int(stripped)
    return value if value <= LARGEST else None


def duration(text: str | None) -> int | None:
    """Seconds of an ISO 8601 duration such as PT4M43S or PT76M11S; None for 0, a week and more."""
    match = DURATION.match((text or "").strip())
    if not match or match.group(1, 2, 3) == (None, None, None):
        return None
    hours, minutes, seconds = (int(part[:9] or 0) if part else 0 for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    return total if 0 < total < MAX_RECORDING_S else None


def clock(text: str | None) -> int | None:
    """Seconds of a cue as shown: "2:24", "83:45", "1:23:45"."""
    match = CLOCK.match((text or "").strip())
    if not match:
        return None
    total = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
    return total if total < MAX_RECORDING_S else None
