"""Pages read by our parser, or by lxml alone: `python -m benchmarks.jobs.pages ours|lxml FOLDER REPEATS`.

`ours` is everything from the stored page to the record, its ids and content hash included; `lxml` is
`lxml.html.document_fromstring` and nothing else. Prints one line of JSON; memory in MB, after the first tenth
and at the end.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from lxml import html

from producers import responses, sources
from producers.responses import Response
from producers.sources.page import Material
from songnodes.domain.records import Page

FETCHED = datetime(2026, 1, 1, tzinfo=UTC)


def stored(folder: Path) -> list[Page]:
    """Return the pages of a folder as the archive has them."""
    pages = []
    for file in sorted(folder.glob("*.html")):
        material = Material(body := file.read_bytes())
        recognised = sources.recognise(material)
        assert recognised is not None, file
        response = Response(
            url=recognised.url, status=200, headers={}, content_type=None, body=body,
            fetched_at=FETCHED, fetcher="saved",
        )  # fmt: skip
        pages.append(responses.page(response, material, recognised))
    return pages


def by_ours(page: Page) -> Mapping[str, Any]:
    """Return the record of a page."""
    return sources.parse(page)[0].record


def by_lxml(page: Page) -> Any:
    """Return the tree of a page."""
    return html.document_fromstring(page["body"])


WAYS: Mapping[str, Callable[[Page], Any]] = {"ours": by_ours, "lxml": by_lxml}


def main() -> None:
    """Read, measure, print."""
    way, folder, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    read, pages = WAYS[way], stored(Path(folder))
    first = [read(page) for page in pages]
    process = psutil.Process()
    early = 0.0
    begun = time.process_time()
    for number in range(repeats):
        if number == max(1, repeats // 10):
            early = process.memory_info().rss / 1e6
        for page in pages:
            read(page)
    took = time.process_time() - begun
    late = process.memory_info().rss / 1e6
    report = {"pages": repeats * len(pages), "seconds": took, "early_mb": early, "late_mb": late}
    print(json.dumps({**report, "items": first if way == "ours" else None}, default=str))


if __name__ == "__main__":
    main()
