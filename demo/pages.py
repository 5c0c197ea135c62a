"""Writing the demo pages: one file per saving of a page, each with its address and fetch time beside it."""

import json
from datetime import date
from pathlib import Path

from demo import markup, sets
from demo.sets import DemoSet

SEED = 20_091_026  # the day Strobe came out; any other gives other sets


def write(directory: Path, as_of: date, seed: int = SEED) -> list[Path]:
    """All demo pages of this day into a directory, with their sidecars; returns the pages.

    The same day and seed give the same bytes, another day the same sets with their dates moved.
    """
    directory.mkdir(parents=True, exist_ok=True)
    return [_write(directory, page) for page in sets.line_up(as_of, seed)]


def _write(directory: Path, page: DemoSet) -> Path:
    file = directory / f"{page.native_id}-v{page.version}.html"
    file.write_text(markup.render(page), encoding="utf-8")
    beside = {
        "url": markup.url(page),
        "fetched_at": page.fetched_at.isoformat(),
        "status": 200,
        "headers": {"content-type": "text/html; charset=utf-8"},
    }
    file.with_name(f"{file.name}.meta.json").write_text(json.dumps(beside, indent=1), encoding="utf-8")
    return file
