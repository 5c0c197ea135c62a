"""Real pages edited as the site might: a row removed, a row identified."""

from copy import deepcopy

from lxml import html

ROWS = "//div[contains(concat(' ', normalize-space(@class), ' '), ' tlpItem ')]"


def without_row(body: bytes, position: int) -> bytes:
    """Return the page without the row at a position (from 1)."""
    page = html.document_fromstring(body.decode())
    row = page.xpath(ROWS)[position - 1]
    row.getparent().remove(row)
    return _serialise(page)


def revealed(body: bytes, position: int, as_row: int) -> bytes:
    """Return the page with the content of one row copied to another, which keeps its id."""
    page = html.document_fromstring(body.decode())
    hidden, shown = page.xpath(ROWS)[position - 1], page.xpath(ROWS)[as_row - 1]
    copy = deepcopy(shown)
    copy.set("data-id", hidden.get("data-id"))
    copy.tail = hidden.tail
    hidden.getparent().replace(hidden, copy)
    return _serialise(page)


def _serialise(page: html.HtmlElement) -> bytes:
    body = html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>")
    assert isinstance(body, bytes)
    return body
