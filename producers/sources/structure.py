"""The form of what rows are read from: a set of tokens that stays while the site's markup stays.

Digits are masked and texts left out, so that pages of one form have one set.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from songnodes.domain.records import Page

DIGITS = re.compile(r"\d+")
ROW = re.compile(r"<([a-z]+)\b([^<>]*\btlpItem\b[^<>]*)>")
ATTRIBUTE = re.compile(r"""\s([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
LINE = re.compile(r"\s*([#*:;|]*)\s*(?:(\[[^\][]{0,12}\])|([\d:]{2,8}))?")
DEPTH = 8  # of JSON; answers of the sites end at 7
MAX_TOKENS = 400  # of one page


def of_rows(page: Page, records: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Of the opening tags of a 1001tracklists page's rows: tag, attributes, classes. Of JSON its keys."""
    text = page["body"].decode(errors="replace")
    paths: set[str] = set()
    for tag, attributes in ROW.findall(text):
        paths.add(f"<{tag}>")
        for name, double, single in ATTRIBUTE.findall(attributes):
            paths.add(f"@{masked(name)}")
            if name == "class":
                paths.update(f".{masked(css_class)}" for css_class in (double or single).split())
    return frozenset(paths) or of_json(page, records)


def of_json(page: Page, records: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return the paths of all keys, lists taken as one: `data[].event.title`."""
    try:
        value = json.loads(page["body"])
    except (ValueError, RecursionError):
        return frozenset()
    paths: dict[str, None] = {}
    for path in _paths(value, "", 0):
        paths[path] = None
        if len(paths) == MAX_TOKENS:
            break
    return frozenset(paths)


def of_lines(page: Page, records: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Of the wikitext lines behind the rows: the mark of the list and the form of the cue, `# [0:00]`."""
    forms = set()
    for record in records:
        for row in record.get("rows", ()):
            mark, bracketed, bare = LINE.match(row["fragment"]).groups()  # type: ignore[union-attr]
            forms.add(f"{mark} {masked(bracketed or bare or '')}".strip() or "plain")
    return frozenset(forms)


def masked(text: str) -> str:
    """Without what counts: each number is a 0."""
    return DIGITS.sub("0", text)


def _paths(value: Any, path: str, depth: int) -> Iterator[str]:
    if depth > DEPTH:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{path}.{masked(str(key))}" if path else masked(str(key))
            yield here
            yield from _paths(item, here, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, f"{path}[]", depth + 1)
