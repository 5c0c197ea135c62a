"""Fingerprint of a JSON page: its key paths, which change only when the site's format does.

Drift detection compares fingerprints. Digits are masked and values left out, so that pages of one format have
the same fingerprint; 1001tracklists and MixesDB have fingerprints of their own.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from songnodes.domain.records import Page

DIGITS = re.compile(r"\d+")
MAX_DEPTH = 8  # responses of the sites end at 7
MAX_TOKENS = 400  # of one page


def key_paths(page: Page, records: Sequence[Mapping[str, Any]]) -> frozenset[str]:
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


def mask_digits(text: str) -> str:
    """Replace each number by 0."""
    return DIGITS.sub("0", text)


def _paths(value: Any, path: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{path}.{mask_digits(str(key))}" if path else mask_digits(str(key))
            yield here
            yield from _paths(item, here, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, f"{path}[]", depth + 1)
