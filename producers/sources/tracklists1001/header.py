"""The header of a tracklist page: data of the set as a whole."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from producers.sources import titles
from producers.sources.tracklists1001 import reading
from producers.sources.tracklists1001.addresses import absolute
from producers.sources.tracklists1001.outline import Outline
from producers.sources.tracklists1001.tree import Element, links, of_id, text_of
from songnodes.domain.dates import is_placeholder
from songnodes.domain.records import DjRef, Header, Recording

DATE_AT_END = re.compile(r"[\s,]*\b(\d{4}-\d{2}-\d{2})\s*$")
DATE = re.compile(r"^\d{4}(?:-\d{2}(?:-\d{2})?)?$")
PLACES_IN_BRACKETS = re.compile(r"^(.*?)\s*\(([^()]*, [^()]*)\)$")
DJ_LINK = re.compile(r"/(dj|artist)/([^/]+)/")
RECORDINGS = {"VideoObject": "video", "AudioObject": "audio"}
COUNTERS = {"UserPageVisits": "views", "UserLikes": "likes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The parts of a title after its DJs."""

    mix_name: str | None = None
    event: str | None = None
    venue: str | None = None
    country: str | None = None


def read(page: Element, tab: Element, outline: Outline) -> tuple[Header, list[str]]:
    """Return the header and its warnings. `tab` is the page's #tlTab."""
    metas = _metas(tab)
    heading = of_id(page, "pageTitle")
    title = _first(metas, "name") or text_of(heading) or _og_title(outline) or "(no title)"
    djs = _djs(metas.get("author", []), links(heading))
    sources = [text_of(a) or "" for a in links(heading) if "/source/" in a.get("href", "")]
    place = _place(title, djs, sources)
    recordings = _recordings(outline)
    date_text, warnings = _date(_first(metas, "datePublished"), title)
    if not djs:
        warnings.append("no_dj: neither an author nor a linked name in the heading")
    header = Header(
        title=title,
        mix_name=place.mix_name,
        date_text=date_text,
        djs=djs,
        event_name=place.event,
        venue=place.venue,
        city=None,  # the site writes it into the venue's name, "RDM Rotterdam"
        country=place.country,
        set_type=titles.set_type(title, len(djs)),
        styles=metas.get("genre", []),
        declared_tracks=_declared(_first(metas, "numTracks"), tab),
        duration_seconds=max((r["duration_seconds"] or 0 for r in recordings), default=0) or None,
        recordings=recordings,
    )
    return header, warnings


def counters(outline: Outline) -> dict[str, int]:
    """Return views and likes. They change while the rest stays equal, so they are not content."""
    counts = {}
    for meta in outline.metas:
        if meta.get("itemprop") != "interactionCount":
            continue
        name, _, number = meta.get("content", "").partition(":")
        value = reading.whole(number.replace(",", ""))
        if name in COUNTERS and value is not None:
            counts[COUNTERS[name]] = value
    return counts


def _metas(tab: Element) -> dict[str, list[str]]:
    """Contents of the set's own metas by name: those of rows and of the article around have other parents."""
    contents: dict[str, list[str]] = {}
    for meta in tab.iterchildren("meta"):
        if text := reading.tidy(meta.get("content")):
            contents.setdefault(meta.get("itemprop", ""), []).append(text)
    return contents


def _first(metas: dict[str, list[str]], name: str) -> str | None:
    return next(iter(metas.get(name, ())), None)


def _og_title(outline: Outline) -> str | None:
    titles = (meta.get("content") for meta in outline.metas if meta.get("property") == "og:title")
    return reading.tidy(next(titles, None))


def _declared(announced: str | None, tab: Element) -> int | None:
    count = reading.whole(announced)
    return count if count is not None else reading.whole(tab.get("data-count"))


def _date(date: str | None, title: str) -> tuple[str | None, list[str]]:
    stated = date[:10] if date and DATE.match(date[:10]) else None
    at_end = DATE_AT_END.search(title)
    candidates = [text for text in (stated, at_end and at_end[1]) if text]
    for text in candidates:
        if not is_placeholder(text):
            return text, []
    if candidates:
        return candidates[0], [f"date_implausible: {candidates[0]!r}"]
    return None, [f"no_date: {date!r}" if date else "no_date: none given"]


def _djs(authors: list[str], anchors: Iterable[Element]) -> list[DjRef]:
    """One per author meta; links of the heading give ids, and names where there is no author."""
    linked: dict[str, tuple[str | None, str | None]] = {}
    for link in anchors:
        address = link.get("href", "")
        match = DJ_LINK.search(address)
        name = text_of(link)
        if match and name:
            linked.setdefault(name, (f"{match[1]}:{match[2]}", absolute(address)))
    names = list(dict.fromkeys(authors)) or list(linked)
    by_name = {name.casefold(): dj for name, dj in linked.items()}
    if len(names) == len(linked) == 1:
        by_name[names[0].casefold()] = next(iter(linked.values()))
    unknown = (None, None)
    return [
        DjRef(name=name, native_id=native, url=url)
        for name in names
        for native, url in (by_name.get(name.casefold(), unknown),)
    ]


def _recordings(outline: Outline) -> list[Recording]:
    recordings = []
    for node in outline.recorded:
        kind = RECORDINGS.get(node.get("itemtype").rpartition("/")[2])
        if kind is None:
            continue
        address = next(_contents(node, "embedUrl", "contentUrl"), "").strip()
        if address:
            length = reading.duration(next(_contents(node, "duration"), None))
            recordings.append(Recording(kind=kind, url=address, duration_seconds=length))
    return recordings


def _contents(node: Element, *names: str) -> Iterator[str]:
    """Contents of what is inside, by microdata name."""
    inside = (element for element in node.iterdescendants("*") if element.get("itemprop") in names)
    return (content for element in inside if (content := element.get("content")) is not None)


def _place(title: str, djs: list[DjRef], sources: list[str]) -> Place:
    """Event, venue and country of "DJ @ event, venue, country date" and "DJ - show".

    Linked names are surer than places between commas; the country is known by its name.
    """
    rest = DATE_AT_END.sub("", _after_djs(title, djs))
    if not rest:
        return Place()
    in_brackets = PLACES_IN_BRACKETS.match(rest)
    main = (in_brackets[1] if in_brackets else rest).split(", ")
    more = DATE_AT_END.sub("", in_brackets[2]).split(", ") if in_brackets else []
    segments = [text for text in map(reading.tidy, main + more) if text]
    if not segments:
        return Place()
    country = segments[-1] if len(segments) > 1 and titles.is_country(segments[-1]) else None
    linked = [name for name in sources if name]
    event = linked[0] if linked else segments[0]
    at = next((i for i, text in enumerate(segments) if event in text), 0)
    after = segments[at + 1 : len(segments) - 1 if country else len(segments)]
    venue = linked[-1] if len(linked) > 1 else (after[-1] if after else None)
    mix = ", ".join(main[: at + 1]) if at < len(main) else main[0]
    return Place(mix_name=reading.tidy(mix), event=event, venue=venue, country=country)


def _after_djs(title: str, djs: list[DjRef]) -> str:
    """Return the title after its DJs and the mark that ends them."""
    ends = [title.find(dj["name"]) + len(dj["name"]) for dj in djs if dj["name"] in title]
    start = max(ends, default=0)
    marks = [at for at in (title.find(" @ ", start), title.find(" - ", start)) if at >= 0]
    return title[min(marks) + 3 :] if marks else ""
