"""The header of a mix page, nearly all of it from its title and its categories.

Titles: `YYYY-MM-DD - Artist[, Artist] - Show` or `YYYY-MM-DD - Artist @ Venue, City`; the date can be cut.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from producers.sources import outputs, places, titles
from producers.sources.mixesdb.wikitext import Wikitext
from songnodes.domain.credits import PROTECTED, split_lineup
from songnodes.domain.records import DjRef, Header, Recording
from songnodes.domain.text import norm_v1

DATE = re.compile(r"^((?:19|20)\d{2}(?:-[0-9X?]{2}){0,2})\s+-\s+(.+)$")
TRACKLIST = re.compile(r"^Tracklist\s*:\s*(complete|incomplete|none)$", re.IGNORECASE)
YEAR = re.compile(r"^\d{4}$")
AT, DASH = " @ ", " - "


def read(title: str, wikitext: Wikitext) -> Header:
    """Return the header of a mix."""
    dated = DATE.match(title)
    date_text, rest = (dated[1], dated[2]) if dated else (None, title)
    at = AT in rest
    credit, mark, place = rest.partition(AT if at else DASH)
    names = _names(credit, wikitext.categories) if mark else []
    where = (
        places.read_place(place)
        if at
        else places.Place(event=place if place and not places.is_date(place) else None)
    )
    recordings = [Recording(kind="audio", url=url, duration_seconds=None) for url in wikitext.recordings]
    return outputs.header(
        title,
        mix_name=place or rest,
        date_text=date_text,
        djs=[DjRef(name=name, native_id=None, url=None) for name in names],
        event_name=where.event,
        venue=where.venue,
        city=where.city,
        country=where.country,
        set_type=titles.set_type(rest, len(names)),
        styles=[name for name in wikitext.categories if norm_v1(name) in _styles()],
        recordings=recordings,
    )


def completeness(categories: Sequence[str]) -> str | None:
    """complete, incomplete or none, by `[[Category:Tracklist: ...]]`."""
    matches = filter(None, map(TRACKLIST.match, categories))
    return next((match[1].lower() for match in matches), None)


def _names(credit: str, categories: Sequence[str]) -> list[str]:
    """Return the DJs of a title. A category of the same name proves that a name with commas is one name."""
    category_names = {norm_v1(name) for name in categories if name in credit and not YEAR.match(name)}
    if norm_v1(credit) in category_names:
        return [credit]
    names, certain = split_lineup([credit], protected=PROTECTED | category_names)
    if certain:
        return list(names)
    parts = [part.strip() for part in credit.split(", ") if part.strip()]
    return list(split_lineup(parts, protected=PROTECTED | category_names)[0])


@cache
def _styles() -> frozenset[str]:
    text = files("producers.sources.mixesdb").joinpath("styles.txt").read_text(encoding="utf-8")
    return frozenset(norm_v1(line) for line in text.splitlines() if line.strip())
