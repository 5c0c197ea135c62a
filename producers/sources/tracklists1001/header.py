"""What a tracklist page says of the set as a whole."""

import re
from dataclasses import dataclass

from parsel import Selector

from producers.sources import titles
from producers.sources.tracklists1001 import reading
from producers.sources.tracklists1001.addresses import absolute
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


def read(page: Selector) -> tuple[Header, list[str]]:
    """The header, and what was odd about it. `page` has a #tlTab."""
    tab = page.css("#tlTab")[0]
    heading = page.css("#pageTitle")
    title = _meta(tab, "name") or reading.inner_text(heading) or _og_title(page) or "(no title)"
    djs = _djs(tab, heading.css("a"))
    place = _place(title, djs, [reading.inner_text(a) or "" for a in heading.css('a[href*="/source/"]')])
    recordings = _recordings(page)
    date_text, warnings = _date(tab, title)
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
        styles=_metas(tab, "genre"),
        declared_tracks=_declared(tab),
        duration_seconds=max((r["duration_seconds"] or 0 for r in recordings), default=0) or None,
        recordings=recordings,
    )
    return header, warnings


def counters(page: Selector) -> dict[str, int]:
    """Views and likes. They stand in bodies that are otherwise equal, so they are no content."""
    found = {}
    for text in page.css("meta[itemprop=interactionCount]::attr(content)").getall():
        name, _, number = text.partition(":")
        value = reading.whole(number.replace(",", ""))
        if name in COUNTERS and value is not None:
            found[COUNTERS[name]] = value
    return found


def _meta(tab: Selector, name: str) -> str | None:
    return next(iter(_metas(tab, name)), None)


def _metas(tab: Selector, name: str) -> list[str]:
    """Contents of the set's own metas: those of rows and of the article around have other parents."""
    found = tab.xpath("./meta[@itemprop=$name]/@content", name=name).getall()
    return [text for text in map(reading.tidy, found) if text]


def _og_title(page: Selector) -> str | None:
    return reading.tidy(page.css('meta[property="og:title"]::attr(content)').get())


def _declared(tab: Selector) -> int | None:
    announced = reading.whole(_meta(tab, "numTracks"))
    return announced if announced is not None else reading.whole(tab.attrib.get("data-count"))


def _date(tab: Selector, title: str) -> tuple[str | None, list[str]]:
    date = _meta(tab, "datePublished")
    if date and DATE.match(date[:10]):
        return date[:10], []
    at_end = DATE_AT_END.search(title)
    if at_end:
        return at_end[1], []
    return None, [f"no_date: {date!r}" if date else "no_date: none given"]


def _djs(tab: Selector, links: list[Selector]) -> list[DjRef]:
    """One per author meta; links of the heading give ids, and names where there is no author."""
    linked: dict[str, tuple[str | None, str | None]] = {}
    for link in links:
        match = DJ_LINK.search(link.attrib.get("href", ""))
        name = reading.inner_text(link)
        if match and name:
            linked.setdefault(name, (f"{match[1]}:{match[2]}", absolute(link.attrib["href"])))
    names = list(dict.fromkeys(_metas(tab, "author"))) or list(linked)
    by_name = {name.casefold(): found for name, found in linked.items()}
    if len(names) == len(linked) == 1:
        by_name[names[0].casefold()] = next(iter(linked.values()))
    unknown = (None, None)
    return [
        DjRef(name=name, native_id=native, url=url)
        for name in names
        for native, url in (by_name.get(name.casefold(), unknown),)
    ]


def _recordings(page: Selector) -> list[Recording]:
    found = []
    for node in page.xpath("//*[@itemtype]"):
        kind = RECORDINGS.get(node.attrib["itemtype"].rpartition("/")[2])
        url = (
            node.xpath(".//*[@itemprop='embedUrl' or @itemprop='contentUrl']/@content").get()
            if kind
            else None
        )
        if kind and url and url.strip():
            length = node.xpath(".//*[@itemprop='duration']/@content").get()
            found.append(Recording(kind=kind, url=url.strip(), duration_seconds=reading.duration(length)))
    return found


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
    """The title after its DJs and the mark that ends them."""
    ends = [title.find(dj["name"]) + len(dj["name"]) for dj in djs if dj["name"] in title]
    start = max(ends, default=0)
    marks = [at for at in (title.find(" @ ", start), title.find(" - ", start)) if at >= 0]
    return title[min(marks) + 3 :] if marks else ""
