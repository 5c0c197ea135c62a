"""The outline of a page, from one pass over the elements of three kinds.

A query for each would look at all 3,000 elements of a page and cost a tenth of reading it.
"""

from dataclasses import dataclass, field

from producers.sources.tracklists1001.tree import Element

ROW = "tlpItem"
#: Frames of headlines, and a few more that only contain these letters.
FRAME = "bItmH"


@dataclass(slots=True, kw_only=True)
class Outline:
    """`items` are rows and frames of headlines, in their order; `recorded` are elements with a type of
    their own (schema.org); `metas` are meta elements about the page."""

    items: list[Element] = field(default_factory=list)
    recorded: list[Element] = field(default_factory=list)
    scripts: list[Element] = field(default_factory=list)
    metas: list[Element] = field(default_factory=list)


def read(page: Element) -> Outline:
    """Return the outline of a page."""
    outline = Outline(scripts=list(page.iter("script")))
    for element in page.iter("div"):
        classes = element.get("class")
        if classes and (ROW in classes or FRAME in classes):
            outline.items.append(element)
        elif element.get("itemtype"):
            outline.recorded.append(element)
    for element in page.iter("meta"):
        if element.get("property") or element.get("itemprop") == "interactionCount":
            outline.metas.append(element)
    return outline
