"""Fingerprint of a page's wikitext lines: list marks and cue forms."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from producers.sources.json_fingerprint import mask_digits
from songnodes.domain.records import Page

LINE = re.compile(r"\s*([#*:;|]*)\s*(?:(\[[^\][]{0,12}\])|([\d:]{2,8}))?")


def line_forms(page: Page, records: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return the list mark and the cue form of each row's line, such as `# [0:00]`."""
    forms = set()
    for record in records:
        for row in record.get("rows", ()):
            mark, bracketed, bare = LINE.match(row["fragment"]).groups()  # type: ignore[union-attr]
            forms.add(f"{mark} {mask_digits(bracketed or bare or '')}".strip() or "plain")
    return frozenset(forms)
