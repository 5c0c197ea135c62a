"""Hold of the pages of a site that changed, until an operator releases them.

A function of the record alone, its headers included, and of the parser version: every replay and rebuild
holds and releases the same pages, in any order of arrival.
"""

from collections.abc import Sequence

from producers import sources
from producers.sources.page import Output
from songnodes.domain.records import Page
from songnodes.errors import Poison
from songnodes.messaging import dead_letters, holds

Headers = Sequence[tuple[str, bytes]]


class Drifted(Poison):
    """The site seems to have changed, so the records of this page wait until an operator releases them"""

    reason = holds.REASON
    counts = False
    remedy = "`songnodes drift` shows the evidence and releases pages; `songnodes reparse` reads them again"


def check(page: Page, outputs: Sequence[Output], headers: Headers) -> None:
    """Raise Drifted if the page has a hold of this parser version, or breaks a contract with certainty.

    A page that an operator reinserted from the dead letters of this reason is released: it always passes.
    """
    previous = dead_letters.read(headers)
    if not outputs or (previous is not None and previous.reason == Drifted.reason):
        return
    card = sources.SOURCES[page["source"]].card
    hold = holds.read(headers)
    if hold is not None and card.version(page["kind"]) <= hold.parser_version:
        raise Drifted(page["page_id"], alarms=" ".join(hold.alarms))
    for output in outputs:
        if output.topic == card.topic and (broken := card.surely_broken(output.record)):
            raise Drifted(page["page_id"], record=output.key, not_kept=broken[0].means)
