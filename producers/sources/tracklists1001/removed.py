"""Rows that stay in the markup of a page and are no plays: taken out by the editors, or not shown.

The site's own script tests `data("deleted")` of a row; other marks are those that HTML and CSS have. Parts of
a mashup are folded until their mashup is opened: a part is never left out because it is not shown.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from producers.sources import removal_marks
from producers.sources.tracklists1001.tree import Element

ROW = "tlpItem"
PART = "tlpSubTog"
MASHUP = "subPosTog"
PLACE = re.compile(r"\btrRow(\d+)\b")
PART_OF = re.compile(r"\bsubPos(\d+)\b")
DELETED_ATTRIBUTES = ("data-deleted", "data-removed", "data-is-deleted", "data-isdeleted", "data-is-removed")
STATE_ATTRIBUTES = ("data-status", "data-state")
UNSHOWN_TAGS = frozenset({"template", "noscript"})
#: Elements whose classes are compared; other elements are read for their tags and attributes only.
CLASSED = ("div", "span", "section", "ul", "ol", "li", "a")
_ATTRIBUTED = etree.XPath(".//*/@hidden/.. | .//*/@style/..")  # one path with "or" takes four times longer
_STRING = etree.XPath("string()", smart_strings=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Rows and headline frames: those `kept`, and the number of rows `hidden` that were left out."""

    kept: list[Element]
    hidden: int = 0


def without_removed(tab: Element, items: Sequence[Element], declared_rows: int | None) -> Items:
    """Return the items without those that are deleted, and without the rows that are not shown.

    A page that counts its hidden rows as tracks only folds them: where the number that it declares is that of
    all rows, they are kept.
    """
    deleted, hidden = _marked(tab, items)
    deleted |= _parts_of(items, deleted)
    rest = [item for item in items if item not in deleted]
    hidden = {item for item in rest if item in hidden and not _has_class(item, PART)}
    if not hidden or (declared_rows is not None and declared_rows == sum(map(_is_row, rest))):
        return Items(kept=rest)
    hidden |= _parts_of(rest, hidden)
    kept = [item for item in rest if item not in hidden]
    return Items(kept=kept, hidden=sum(map(_is_row, hidden)))


def _marked(tab: Element, items: Sequence[Element]) -> tuple[set[Element], set[Element]]:
    """Return the items that are deleted, and those that are not shown."""
    item_set = set(items)
    around = {item: tuple(_up_to(item.getparent(), tab)) for item in items}
    outside = {element for elements in around.values() for element in elements}
    deleted: set[Element] = set()  # items, or elements around them
    hidden: set[Element] = set()
    parts: dict[Element, tuple[set[Element], set[Element]]] = {}  # of an item: struck out, hidden
    for element in (*items, *outside, *_candidates(tab)):
        is_deleted = _is_deleted(element)
        if not is_deleted and not _is_hidden(element):
            continue
        if element in item_set or element in outside:
            (deleted if is_deleted else hidden).add(element)
        elif (item := _item_of(element, item_set)) is not None:
            parts.setdefault(item, (set(), set()))[0 if is_deleted else 1].add(element)
    for item, (struck, unshown) in parts.items():
        if _covers_name(item, struck):
            deleted.add(item)
        elif _covers_name(item, unshown):
            hidden.add(item)
    for item, elements in around.items():
        if not deleted.isdisjoint(elements):
            deleted.add(item)
        elif not hidden.isdisjoint(elements):
            hidden.add(item)
    return deleted & item_set, hidden & item_set


def _candidates(tab: Element) -> Iterator[Element]:
    """Yield the elements that may have a mark, some of them twice. A page has 3,000 elements."""
    yield from tab.iterdescendants(*removal_marks.STRUCK_TAGS, *UNSHOWN_TAGS)
    yield from _ATTRIBUTED(tab)
    for element in tab.iterdescendants(*CLASSED):
        classes = element.get("class")
        if classes and (removal_marks.names_deleted(classes) or removal_marks.names_hidden(classes)):
            yield element


def _item_of(element: Element, items: set[Element]) -> Element | None:
    """Return the item that an element is inside of."""
    return next((ancestor for ancestor in element.iterancestors("div") if ancestor in items), None)


def _is_deleted(element: Element) -> bool:
    if element.tag in removal_marks.STRUCK_TAGS or removal_marks.is_struck(element.get("style", "")):
        return True
    if any(element.get(name, "").strip().casefold() in removal_marks.STATES for name in STATE_ATTRIBUTES):
        return True
    values = (element.get(name) for name in DELETED_ATTRIBUTES)
    if any(value is not None and value.strip().casefold() not in removal_marks.FALSE for value in values):
        return True
    return removal_marks.names_deleted(element.get("class", ""))


def _is_hidden(element: Element) -> bool:
    if element.tag in UNSHOWN_TAGS or element.get("hidden") is not None:
        return True
    return removal_marks.is_unshown(element.get("style", "")) or removal_marks.names_hidden(
        element.get("class", "")
    )


def _covers_name(row: Element, elements: set[Element]) -> bool:
    """Return True if all words of a row's shown name are inside these elements."""
    if not elements:
        return False
    values = (
        node for node in row.iterdescendants("span", "div") if "trackValue" in node.get("class", "").split()
    )
    value = next(values, None)
    if value is None:
        return False
    if elements.intersection((value, *value.iterancestors())):
        return True
    texts = [text for node, text in _texts(value) if elements.isdisjoint(_up_to(node, value))]
    return any(map(str.isalnum, _STRING(value))) and not any(map(str.isalnum, "".join(texts)))


def _texts(value: Element) -> Iterator[tuple[Element, str]]:
    """Yield the texts of an element with the elements that they are in."""
    for node in value.iter():
        if isinstance(node.tag, str) and node.text:
            yield node, node.text
        if node is not value and node.tail:
            yield node.getparent(), node.tail


def _up_to(node: Element, top: Element) -> Iterator[Element]:
    """Yield an element and those around it, up to `top` without it."""
    while node is not None and node is not top:
        yield node
        node = node.getparent()


def _parts_of(items: Iterable[Element], removed: Iterable[Element]) -> set[Element]:
    """Return the rows that are parts of the mashups removed."""
    mashups = [item.get("class", "") for item in removed if _has_class(item, MASHUP)]
    places = {match[1] for classes in mashups if (match := PLACE.search(classes))}
    if not places:
        return set()
    parts = ((item, PART_OF.search(item.get("class", ""))) for item in items if _has_class(item, PART))
    return {item for item, match in parts if match and match[1] in places}


def _has_class(item: Element, name: str) -> bool:
    return name in item.get("class", "").split()


def _is_row(item: Element) -> bool:
    return _has_class(item, ROW)
