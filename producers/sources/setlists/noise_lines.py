"""Lines beside a list that look like rows only on their own: days of a tour, names of services."""

import re
from collections.abc import Sequence

from producers.sources.setlists import noise
from producers.sources.setlists.kinds import kind_of
from producers.sources.setlists.lines import Line

FEWEST_ROWS = 3  # rows that make a list
FEWEST_SERVICES = 3  # lines that end in the name of a service
#: A day and a month at the beginning of a line: "12.03. - Berlin", "12.03 Berlin", "12/03 - Berlin".
DAY = re.compile(r"^\W{0,3}(?P<day>\d{1,2})[./-](?P<month>\d{1,2})(?:[./-](?:\d{4}|\d{2})?)?(?![\d:])")

#: A time with a full stop, of a list in which days cannot be distinguished.
DOTTED = re.compile(r"^\W{0,3}\d{1,3}\.\d{2}")


def without_dates(lines: list[Line]) -> list[Line]:
    """Return the lines without the days of a tour before or behind a list, whose marks look like times.

    "12.03. - Berlin" begins like "12.03 Artist". Lines that are all days or months are dates where the list
    has other rows with marks, or rows without any, and the dates are on one side of them.
    """
    dates = [index for index, line in enumerate(lines) if kind_of(line).date and _is_day(line.text)]
    if not dates:
        return lines
    kinds = [kind_of(line) for line in lines]
    rows = [
        index for index, what in enumerate(kinds) if (what.marked or what.track) and index not in set(dates)
    ]
    is_outside = bool(rows) and (dates[0] > rows[-1] or dates[-1] < rows[0])
    if len(rows) < FEWEST_ROWS or not is_outside or any(DOTTED.match(lines[index].text) for index in rows):
        return lines
    left_out = set(dates)
    return [line for index, line in enumerate(lines) if index not in left_out]


def without_services(lines: list[Line]) -> list[Line]:
    """Return the lines without "Nova Aline - Instagram", "Nova Aline - Facebook", where there are several."""
    services = {index for index, line in enumerate(lines) if noise.ends_in_service(kind_of(line).rest)}
    if len(services) < FEWEST_SERVICES:
        return lines
    return [line for index, line in enumerate(lines) if index not in services]


def last_row(lines: Sequence[Line], last: int) -> int:
    """Return the place of the last row of a list without marks: facts and sentences behind it are none.

    They are a run of "Artwork - Otto B", or of sentences, behind an empty line or of two lines.
    """
    for is_other in (_is_fact, _is_sentence):
        first = last
        while first > 0 and is_other(lines[first]):
            first -= 1
        is_apart = first < last and lines[first + 1].after_blank
        if is_apart or last - first > 1:
            last = first
    return last


def _is_fact(line: Line) -> bool:
    return noise.is_fact(line.text)


def _is_sentence(line: Line) -> bool:
    return noise.is_prose(line.text)


def _is_day(text: str) -> bool:
    match = DAY.match(text)
    return match is not None and 1 <= int(match["day"]) <= 31 and 1 <= int(match["month"]) <= 31
