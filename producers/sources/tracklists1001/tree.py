"""The tree of a page, by lxml itself: parsel's selectors cost more than all that is read from it."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from producers.sources.tracklists1001 import reading

#: An element of a tree; lxml has no types.
Element = Any

_STRING = etree.XPath("string()", smart_strings=False)
_OF_ID = etree.XPath("id($name)")


def read(text: str) -> Element:
    """Return the root of an HTML page; an empty one for text without any element."""
    parser = etree.HTMLParser(recover=True, encoding="utf8", huge_tree=True)
    root = etree.fromstring(text.strip().encode() or b"<html/>", parser)
    return root if root is not None else etree.fromstring(b"<html/>", parser)


def of_id(root: Element, name: str) -> Element | None:
    """Return the first element with this id."""
    elements = _OF_ID(root, name=name)
    return elements[0] if elements else None


def text_of(element: Element | None) -> str | None:
    """All text inside an element, without comments; tidy."""
    if element is None:
        return None
    return reading.tidy(_STRING(element) if len(element) else element.text)  # most have nothing but text


def markup(element: Element) -> str:
    """Return an element as HTML, without its tail."""
    return str(etree.tostring(element, method="html", encoding="unicode", with_tail=False))


def links(element: Element | None) -> Iterator[Element]:
    """Return the anchors inside an element."""
    return iter(()) if element is None else element.iterdescendants("a")
