"""Times at the beginning and at the end of a line: their forms, and what the times of a list mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from producers.sources.setlists.entries import LONGEST_S, TimesMeaning
from songnodes.domain.cues import read_cue

#: Frames or hundredths behind the seconds: "00:03:20:00", "00:03:20;12", "00:03:20.500".
_CLOCK = (
    r"\d{1,3}:\d{1,2}:\d{2}(?:[.,]\d{1,3}|[:;]\d{2}(?!\d))?|\d{1,3}:\d{1,2}:\d(?!\d)"
    r"|\d{1,4}(?:\s:\s?|:\s)\d{2}(?:\s:\s?\d{2}|:\s\d{2})?(?=[\s)\]]|$)|\d{1,4}:\d{2}(?:[.,]\d{1,3})?"
)
_DOTTED = r"\d{1,2}\.\d{2}\.\d{2}|\d{1,3}\.\d{2}"
_WORDS = (
    r"\d{1,2}\s?h\s?(?:\d{1,2}\s?(?:m(?:in)?)?\s?(?:\d{1,2}\s?s?)?)?"
    r"|\d{1,3}\s?m(?:in)?\s?\d{1,2}\s?s(?:ec)?|\d{1,3}\s?(?:min\.?|mn|m)\s?\d{2}(?!\w)"
    r"|(?:\d{1,2}\s?[h時时小]時?时?\s?)?\d{1,3}\s?分\s?\d{1,2}\s?秒|(?:\d{1,2}\s?시간?\s?)?\d{1,3}\s?분\s?\d{1,2}\s?초"
    r"|(?:\d{1,2}\s?ч(?:ас\w{0,2})?\.?\s?)?\d{1,3}\s?мин\w{0,2}\.?\s?\d{1,2}\s?сек\w{0,3}\.?"
    r"|\d{1,3}'\s?\d{2}(?:\"|'')?|\d{1,3};\d{2}(?=[\s)\]]|$)|\d{2}[,_]\d{2}(?=[\s)\]]|$)"
)
_OPEN_DIGITS = r"[\d?]{1,3}:[\d?]{2}(?::[\d?]{2})?"
_TIME = rf"(?:{_CLOCK}|{_DOTTED}|{_WORDS}|{_OPEN_DIGITS})"
_HOUR_SIGN = r"(?:\s?(?P<sign>[ap]\.?m\.?|uhr|hrs?|h|o'clock)(?![^\W\d_]))?"
_TO = r"(?:\s*(?:-|~|>|->|=>|\u2192|/)\s*|\s(?:to|bis|until|till?|hasta|à|tot|до|do)\s)"
_SEPARATED = r"\s?[)\]}>|'\"]{0,2}(?!\w|:\d|\.\d)\s*(?:(?:[-|:~\u2192\u00b7\u2022>=/]|[.,;](?=\s))+\s*){0,2}"
#: Before a time: "from 3:20", "ca. 3:20", "Min. 3:20", "T+3:20".
_BEFORE = (
    r"(?:(?:(?:from|ab|at|von|desde|de|от|с|ca\.?|circa|approx\.?|about|around|starts?(?: at)?|cue"
    r"|time|min(?:ute)?\.?)"
    r":?\s|t[+=]\s?|[+\u2248\u223c]\s?)(?=\d))?"
)
_UNIT = r"(?:\s?(?-i:min\.?|mins|minutes)(?![^\W\d_]))?"
_FRONT = rf"^[(\[{{<|~@]{{0,2}}\s?{_BEFORE}(?P<time>{_TIME}){_HOUR_SIGN}{_UNIT}"
RANGE_AT_FRONT = re.compile(rf"{_FRONT}{_TO}(?P<end>{_TIME}){_SEPARATED}", re.IGNORECASE)
FRONT = re.compile(rf"{_FRONT}(?P<end>(?!)x)?{_SEPARATED}", re.IGNORECASE)
UNSIGNED_FRONT = re.compile(
    rf"^[(\[{{<|~@]{{0,2}}\s?{_BEFORE}(?P<time>{_TIME})(?P<sign>(?!)x)?(?P<end>(?!)x)?{_SEPARATED}",
    re.IGNORECASE,
)
BACK = re.compile(
    rf"(?:(?:^|[,;]?\s+|(?<=[)\]]))(?:(?:[-|@~:/,+*\u2248\u2192\u25b6\u25ba\u231a\u23f0-\u23f3]|\u25b8)\s*"
    rf"|at\s|t[+=])?[(\[{{<|'\"]?\s?|\s?[(\[{{]\s?)"
    rf"(?P<time>{_TIME}){_HOUR_SIGN}{_UNIT}(?:{_TO}(?P<end>{_TIME}))?\s?[)\]}}>|'\"*]?\s*$",
    re.IGNORECASE,
)
AT_SIGN = re.compile(r"\s*(?P<sign>@|at)\s*[(\[]?[\d?:.]+\s?[)\]]?$", re.IGNORECASE)
MINUTES = re.compile(
    r"^(?:[(\[]\s?(?P<boxed>\d{1,3}|[\d?]{2,3})'?\s?[)\]]|(?P<marked>\d{1,3})\s?(?:'|min\.?)(?=\s))\s*"
    r"(?:[-|:]\s*)?",
    re.IGNORECASE,
)
#: A string in which a time at the end can occur; longer lines are cut from the left before the search.
BACK_SPAN = 40
NEAR_ZERO_S = 150  # the first track of a list begins within this
TIGHT_GAP_S = 45  # median gap of starts below which m:ss is not believed
LONGEST_TRACK_S = 30 * 60
CLOCK_MINUTES = 24 * 60
FEWEST_FOR_HOURS = 4  # times of which hours and minutes from zero are believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time as written. `text`: with colons, as `read_cue` reads it; `seconds`: None with unknown digits.

    `end_seconds`: of a range. `clock_minutes`: minute of the day if it can be one. `is_clock`: written with a
    sign of the hour ("20:00 h", "8:00 pm"). `dotted`: written "12.30" without brackets.
    """

    text: str
    seconds: int | None
    end_seconds: int | None = None
    clock_minutes: int | None = None
    is_clock: bool = False
    dotted: bool = False


def front_time(text: str, *, ranges: bool, signs: bool = True) -> tuple[Time, str] | None:
    """Return the time at the beginning of a text and the text without it; None if there is none.

    `ranges`: "0:00 - 3:20" is one time, else a time and a text. `signs`: "8:00 AM" is one time; else "AM"
    begins a name.
    """
    pattern = RANGE_AT_FRONT if ranges else FRONT if signs else UNSIGNED_FRONT
    match = pattern.match(text)
    return _found(match, text[match.end() :], text) if match else None


def back_time(text: str, *, at_signs: bool = True) -> tuple[Time, str] | None:
    """Return the time at the end of a text and the text without it; None if there is none.

    `at_signs`: "at" and "@" before the time belong to it; else they are the end of a title.
    """
    start = max(0, len(text) - BACK_SPAN)
    match = BACK.search(text[start:])
    if match is None:
        return None
    end = match.start()
    if not at_signs:
        sign = AT_SIGN.match(text[start + end :])
        end += sign.end("sign") if sign else 0
    return _found(match, text[: start + end].rstrip(), text[start:])


def minute_mark(text: str) -> tuple[Time, str] | None:
    """Return the minutes at the beginning of a text ("[012]", "12'") and the text without them."""
    match = MINUTES.match(text)
    if match is None:
        return None
    digits = match["boxed"] or match["marked"]
    seconds = int(digits) * 60 if "?" not in digits else None
    return Time(text=digits, seconds=seconds), text[match.end() :]


def _found(match: re.Match[str], rest: str, text: str) -> tuple[Time, str] | None:
    numbers = _numbers(match["time"])
    if numbers is None:
        return None
    seconds, shown = numbers
    if read_cue(match["time"]) is not None and ":" in match["time"]:
        shown = match["time"]
    ended = _numbers(match["end"]) if match["end"] else None
    if match["end"] and ended is None:
        return None
    raw = match["time"]
    sign = (match["sign"] or "").casefold()
    boxed = text[match.start() : match.start("time")].strip()[-1:] in {"(", "[", "{", "<"}
    time = Time(
        text=shown,
        seconds=seconds,
        end_seconds=ended[0] if ended else None,
        clock_minutes=_clock_minutes(shown),
        is_clock=bool(sign),
        dotted=any(sign in raw for sign in ".,;_") and ":" not in raw and not boxed,
    )
    return time, rest


def _numbers(raw: str) -> tuple[int | None, str] | None:
    """(seconds, text with colons) of a written time; None if it cannot be one."""
    plain = re.sub(r"[.,]\d{1,3}$|(?<=:\d\d)[:;]\d\d$", "", raw) if raw.count(":") > 1 else raw
    plain = re.sub(r"[.,]\d{1,3}$", "", plain) if ":" in plain else plain
    if "?" in plain:
        return None, plain
    values = [int(digits) for digits in re.findall(r"\d+", plain)]
    if "h" in plain.casefold():
        values = [*values, 0, 0][:3] if len(values) < 3 else values
    if len(values) == 2 and values[1] < 60:
        return values[0] * 60 + values[1], f"{values[0]:02}:{values[1]:02}"
    if len(values) == 3 and values[1] < 60 and values[2] < 60:
        return values[0] * 3600 + values[1] * 60 + values[2], f"{values[0]}:{values[1]:02}:{values[2]:02}"
    return None


def _clock_minutes(shown: str) -> int | None:
    fields = shown.split(":")
    if "?" in shown or len(fields) < 2 or int(fields[0]) > 24:
        return None
    return int(fields[0]) * 60 + int(fields[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The meaning of the times of a list.

    `in_hours`: two numbers are hours and minutes. `timetable`: hours of a programme of events rather than of
    tracks. `dates`: not times at all but days and months.
    """

    kind: TimesMeaning
    in_hours: bool = False
    timetable: bool = False
    dates: bool = False


def meaning(times: Sequence[Time], *, at_end: bool, length_s: int | None) -> Meaning:
    """Decide the meaning of the times of a list, in the order of its rows.

    `length_s`: length of the recording where it is known, in seconds.
    """
    exact = [time for time in times if time.seconds is not None]
    seconds = [time.seconds for time in exact if time.seconds is not None]
    if not seconds or len(seconds) == 1:
        return Meaning(kind=_of_one(exact, at_end))
    if sum(time.end_seconds is not None for time in times) * 2 > len(times):
        return _of_ranges(exact)
    if all(time.dotted for time in exact) and _are_dates(exact):
        return Meaning(kind="time_of_day", dates=True)
    if sum(time.is_clock for time in exact) * 2 > len(exact) or _is_clock(exact, seconds, length_s):
        return Meaning(kind="time_of_day", timetable=_is_timetable(exact))
    if _in_hours(exact, seconds, length_s):
        return Meaning(kind="start", in_hours=True)
    return Meaning(kind="length" if _are_lengths(seconds, at_end, length_s) else "start")


def _of_one(times: Sequence[Time], at_end: bool) -> TimesMeaning:
    if not times or not times[0].seconds:
        return "start"
    if times[0].is_clock:
        return "time_of_day"
    return "length" if at_end and NEAR_ZERO_S < times[0].seconds < LONGEST_TRACK_S else "start"


def _of_ranges(times: Sequence[Time]) -> Meaning:
    first = times[0]
    gaps = [
        time.end_seconds - time.seconds for time in times if time.seconds is not None and time.end_seconds
    ]
    clock = first.is_clock or ((first.seconds or 0) >= 6 * 60 and bool(gaps) and _middle(gaps) < TIGHT_GAP_S)
    if clock and all(time.clock_minutes is not None for time in times):
        return Meaning(kind="time_of_day", timetable=_is_timetable(times))
    return Meaning(kind="range")


def _are_dates(times: Sequence[Time]) -> bool:
    """Return True for "12.03", "14.03", "02.04": a day and a month on each line, months in order."""
    pairs = [tuple(map(int, time.text.split(":")))[:2] for time in times]
    months = [month for _, month in pairs]
    rising = all(before <= after for before, after in pairwise(months))
    return rising and all(1 <= day <= 31 and 1 <= month <= 12 for day, month in pairs)


def _is_clock(times: Sequence[Time], seconds: Sequence[int], length_s: int | None) -> bool:
    """Return True if the times can only be hours of the day: far from zero, and too tight as minutes."""
    minutes = [time.clock_minutes for time in times if time.clock_minutes is not None]
    if len(minutes) < len(times):
        return False
    first = seconds[0]
    if times[0].text.count(":") == 2:
        steps = _steps(minutes)
        late = first > (length_s or 6 * 3600) * 1.02 + 60 and first >= 3600
        return late and _middle(steps) <= 3 * 60
    if first < 5 * 60:
        return False
    past_the_end = length_s is not None and first > length_s + 60
    gaps = [abs(after - before) for before, after in pairwise(seconds)]
    rising = sum(after >= before for before, after in pairwise(seconds)) >= 0.8 * (len(seconds) - 1)
    wraps = (
        sum(before - after > 20 * 60 for before, after in pairwise(seconds)) == 1 and max(seconds) >= 22 * 60
    )
    tight = _middle(gaps) < TIGHT_GAP_S or (len(times) > 3 and _middle(gaps) < 60)
    plausible = 1 <= _middle(_steps(minutes)) <= 6 * 60
    late = wraps and first >= 18 * 60  # over midnight: no track begins at 23:30 and the next one at 1:00
    return plausible and (rising or wraps) and (tight or past_the_end or late)


def _steps(minutes: Sequence[int]) -> list[int]:
    return [(after - before) % CLOCK_MINUTES for before, after in pairwise(minutes)]


def _is_timetable(times: Sequence[Time]) -> bool:
    minutes = [time.clock_minutes for time in times if time.clock_minutes is not None]
    return len(minutes) > 1 and _middle(_steps(minutes)) >= 20


def _in_hours(times: Sequence[Time], seconds: Sequence[int], length_s: int | None) -> bool:
    """Return True for hours and minutes from zero ("0:00", "0:04", "0:09"): as minutes and seconds the whole
    set would be over within minutes."""
    minutes = [time.clock_minutes for time in times if time.clock_minutes is not None]
    if len(times) < FEWEST_FOR_HOURS or len(minutes) < len(times) or times[0].text.count(":") > 1:
        return False
    if seconds[0] > 2 or any(after < before for before, after in pairwise(seconds)):
        return False
    if length_s is not None:
        return seconds[-1] < length_s / 20 and minutes[-1] * 60 <= length_s + 60
    return _middle([after - before for before, after in pairwise(seconds)]) < 15 and seconds[-1] < 6 * 60


def _are_lengths(seconds: Sequence[int], at_end: bool, length_s: int | None) -> bool:
    if max(seconds) > LONGEST_TRACK_S or min(seconds) < 5:
        return False
    falls = sum(after < before for before, after in pairwise(seconds))
    gaps = [after - before for before, after in pairwise(seconds)]
    if falls == 0:
        tight = at_end and seconds[0] >= NEAR_ZERO_S and _middle(gaps) < 60
        few = at_end and len(seconds) <= 4 and seconds[0] >= NEAR_ZERO_S and seconds[-1] <= 15 * 60
        as_long = length_s is not None and abs(sum(seconds) - length_s) < 0.1 * length_s
        return tight or few or (as_long and seconds[0] >= NEAR_ZERO_S)
    restarts = sum(after < before and after <= NEAR_ZERO_S for before, after in pairwise(seconds))
    if falls == restarts and seconds[0] <= NEAR_ZERO_S and falls <= len(seconds) / 4:
        return False  # the clock of each part begins at 0
    return falls >= 0.15 * (len(seconds) - 1)


def _middle(values: Sequence[int]) -> float:
    return median(values) if values else 0.0


def in_hours(time: Time) -> Time:
    """Return a time of two numbers as hours and minutes."""
    if time.clock_minutes is None or time.text.count(":") != 1:
        return time
    minutes = time.clock_minutes
    return Time(text=f"{minutes // 60}:{minutes % 60:02}:??", seconds=minutes * 60)


def believed(seconds: int | None) -> bool:
    """Return True if a recording can be as long as this."""
    return seconds is not None and seconds < LONGEST_S
