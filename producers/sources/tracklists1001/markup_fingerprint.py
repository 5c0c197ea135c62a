"""Fingerprint of a page's rows: tags, attributes and classes of their containers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from producers.sources.json_fingerprint import key_paths, mask_digits
from songnodes.domain.records import Page

ROW = re.compile(r"<([a-z]+)\b([^<>]*\btlpItem\b[^<>]*)>")
ATTRIBUTE = re.compile(r"""\s([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def row_markup(page: Page, records: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return tags, attributes and classes of the rows' opening tags; for JSON responses the key paths."""
    text = page["body"].decode(errors="replace")
    tokens: set[str] = set()
    for tag, attributes in ROW.findall(text):
        tokens.add(f"<{tag}>")
        for name, double, single in ATTRIBUTE.findall(attributes):
            tokens.add(f"@{mask_digits(name)}")
            if name == "class":
                tokens.update(f".{mask_digits(css_class)}" for css_class in (double or single).split())
    return frozenset(tokens) or key_paths(page, records)
