"""Real pages as they would stand later: a row gone, a row revealed."""

from copy import deepcopy

from lxml import html

ROWS = "//div[contains(concat(' ', normalize-space(@class), ' '), ' tlpItem ')]"


def without_row(body: bytes, position: int) -> bytes:
    """The page without its row at this position (from 1)."""
    page = html.document_fromstring(body.decode())
    row = page.xpath(ROWS)[position - 1]
    row.getparent().remove(row)
    return _written(page)


def revealed(body: bytes, position: int, as_row: int) -> bytes:
    """The page with the row at a position saying what another row says; its row id stays."""
    page = html.document_fromstring(body.decode())
    hidden, shown = page.xpath(ROWS)[position - 1], page.xpath(ROWS)[as_row - 1]
    copy = deepcopy(shown)
    copy.set("data-id", hidden.get("data-id"))
    copy.tail = hidden.tail
    hidden.getparent().replace(hidden, copy)
    return _written(page)


def _written(page: html.HtmlElement) -> bytes:
    written = html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>")
    assert isinstance(written, bytes)
    return written
