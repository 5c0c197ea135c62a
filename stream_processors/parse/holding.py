"""Whether a page's records wait until somebody has looked at it.

A function of the record alone, its headers included, and of the parser: what was held is held in every replay
and rebuild, what was released passes in every one, whatever arrives first.
"""

from collections.abc import Sequence

from producers import sources
from producers.sources.page import Output
from songnodes.domain.records import Page
from songnodes.errors import Poison
from songnodes.messaging import dead_letters, holds

Headers = Sequence[tuple[str, bytes]]


class Drifted(Poison):
    """The site seems to have changed, so what the parser made of this page waits until somebody has looked"""

    reason = holds.REASON
    counts = False
    remedy = "`songnodes drift` shows the evidence and releases pages; `songnodes reparse` reads them again"


def check(page: Page, outputs: Sequence[Output], headers: Headers) -> None:
    """Raise Drifted where the page bears a hold of this parser's version, or breaks a certain contract.

    A page that an operator put back from the dead letters of this reason is released: it passes for ever.
    """
    earlier = dead_letters.read(headers)
    if not outputs or (earlier is not None and earlier.reason == Drifted.reason):
        return
    card = sources.SOURCES[page["source"]].card
    hold = holds.read(headers)
    if hold is not None and card.version(page["kind"]) <= hold.parser_version:
        raise Drifted(page["page_id"], alarms=" ".join(hold.alarms))
    for output in outputs:
        if output.topic == card.topic and (broken := card.surely_broken(output.record)):
            raise Drifted(page["page_id"], record=output.key, not_kept=broken[0].means)
