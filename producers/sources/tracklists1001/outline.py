"""The outline of a page, from one pass over the elements of three kinds.

A query for each would look at all 3,000 elements of a page and cost a tenth of reading it.
"""

import re
from dataclasses import dataclass, field

from producers.sources.tracklists1001.tree import Element

ROW = "tlpItem"
#: Frames of headlines, and a few more that only contain these letters.
FRAME = "bItmH"
#: Class of a row that the site's editors took out; it stays in the page and is no play. "deleted" is alone
#: or a word of a class: "is-deleted", "tlpDeleted"; not "undeleted".
DELETED = re.compile(r"(?<![^\s_-])(?:deleted|DELETED)(?![^\s_A-Z-])|(?<![^\s_a-z-])Deleted(?![^\s_A-Z-])")


@dataclass(slots=True, kw_only=True)
class Outline:
    """`items` are rows and frames of headlines, in their order; `recorded` are elements with a type of
    their own (schema.org); `metas` are meta elements about the page."""

    items: list[Element] = field(default_factory=list)
    recorded: list[Element] = field(default_factory=list)
    scripts: list[Element] = field(default_factory=list)
    metas: list[Element] = field(default_factory=list)


def _is_deleted(element: Element, classes: str) -> bool:
    if element.get("data-deleted") in {"true", "1"}:
        return True
    return DELETED.search(classes) is not None


def read(page: Element) -> Outline:
    """Return the outline of a page."""
    outline = Outline(scripts=list(page.iter("script")))
    for element in page.iter("div"):
        classes = element.get("class")
        if classes and (ROW in classes or FRAME in classes):
            if not _is_deleted(element, classes):
                outline.items.append(element)
        elif element.get("itemtype"):
            outline.recorded.append(element)
    for element in page.iter("meta"):
        if element.get("property") or element.get("itemprop") == "interactionCount":
            outline.metas.append(element)
    return outline
