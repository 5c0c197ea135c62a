"""From a tracklist page to its record."""

import re

from producers.sources import bodies, outputs
from producers.sources.errors import (
    DecoyPage,
    ForwardingPage,
    LimitPage,
    NoRows,
    NotATracklist,
    TruncatedPage,
    WrongPage,
)
from producers.sources.page import Output, own_addresses
from producers.sources.tracklists1001 import cues, decoys, header, identical, outline, removed, rows, tree
from producers.sources.tracklists1001.addresses import NAME, by_url
from songnodes.domain.records import Page, TracklistRow

PARSER_VERSION = 8
READER = outputs.Reader(source=NAME, version=PARSER_VERSION)
KIND = "tracklist"
UNBLOCK_FORM = "/info/unblock_ip.html"
#: "Please wait, you will be forwared to the wanted page": the spelling is the site's, so only the safe part.
FORWARDING = re.compile(r"Please wait, you will be forwa")
CLOSING = re.compile(r"</html\s*>", re.IGNORECASE)
TAIL = 2_000  # characters after the closing tag that scripts or extensions may have added
MAX_DISAGREEMENT = 0.5  # share of the rows; 0.03 on the worst real page


def blocked(text: str) -> str | None:
    """Return the reason if the site sent a block page, or None. Good pages have captcha scripts too."""
    if "tlpItem" in text:
        return None
    if UNBLOCK_FORM in text:
        return LimitPage.reason
    if FORWARDING.search(text):
        return ForwardingPage.reason
    return None


def parse(page: Page) -> list[Output]:
    """Return the tracklist record of a page. Pure; raises a Poison of `producers.sources.errors`."""
    decoded = bodies.decode(page["body"], page["content_type"])
    _refuse_what_is_no_page(page, decoded.text)
    root = tree.read(decoded.text)
    tab = tree.of_id(root, "tlTab")
    if tab is None:
        raise NotATracklist(page["page_id"], title=root.findtext(".//title"))
    there = outline.read(root)
    head, warnings = header.read(root, tab, there)
    script = cues.script(there.scripts)
    items = removed.without_removed(tab, there.items, head["declared_tracks"])
    read = rows.read(items.kept, script)
    parsed_rows = read.rows
    if not parsed_rows:
        raise NoRows(page["page_id"], declared=head["declared_tracks"])
    _refuse_decoy(page, read.names)
    warnings = [*decoded.warnings, *warnings, *_counts(head["declared_tracks"], parsed_rows)]
    if items.hidden:
        warnings.append(f"rows_hidden: {items.hidden} left out")
    if len(script.recordings) > 1:
        warnings.append("cues_of_several_recordings: they are not on one scale")
    output = outputs.tracklist(
        page,
        READER,
        native_id=page["native_id"],
        kind=KIND,
        header=head,
        rows=parsed_rows,
        counters=header.counters(there),
        warnings=warnings,
        identical_to=identical.read(items.kept, page["native_id"]),
    )
    return [output]


def _refuse_what_is_no_page(page: Page, text: str) -> None:
    block = blocked(text)
    if block == LimitPage.reason:
        raise LimitPage(page["page_id"])
    if block == ForwardingPage.reason:
        raise ForwardingPage(page["page_id"])
    for address in own_addresses(text):
        own_ref = by_url(address)
        if own_ref and (own_ref.kind, own_ref.native_id) != (KIND, page["native_id"]):
            raise WrongPage(page["page_id"], says=own_ref.page_id)
    if not CLOSING.search(text[-TAIL:]):
        raise TruncatedPage(page["page_id"], ends=text[-40:])


def _refuse_decoy(page: Page, names: list[decoys.Names]) -> None:
    """Raise DecoyPage if most rows give one name in their microdata, their addresses or as shown, and another
    in the next place."""
    greatest = decoys.disagreement(names)
    if greatest is not None and greatest[0] > MAX_DISAGREEMENT:
        share, comparison = greatest
        raise DecoyPage(page["page_id"], disagree=round(share, 2), comparison=comparison)


def _counts(declared: int | None, found: list[TracklistRow]) -> list[str]:
    if declared is None or declared == len(found):
        return []
    return [f"declared_tracks: {declared} declared, {len(found)} found"]
