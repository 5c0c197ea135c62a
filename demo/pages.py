"""Write the demo pages: one file per saved version, each with a sidecar of its address and fetch time."""

import json
from datetime import date
from pathlib import Path

from demo import markup, sets
from demo.sets import DemoSet

SEED = 20_091_026  # the day Strobe came out; any other gives other sets


def write(directory: Path, as_of: date, seed: int = SEED) -> list[Path]:
    """Write all demo pages of this day into a directory, with their sidecars; return the pages.

    The same day and seed give the same bytes, another day the same sets with their dates moved.
    """
    directory.mkdir(parents=True, exist_ok=True)
    return [_write(directory, page) for page in sets.build_sets(as_of, seed)]


def _write(directory: Path, page: DemoSet) -> Path:
    file = directory / f"{page.native_id}-v{page.version}.html"
    file.write_text(markup.render(page), encoding="utf-8")
    sidecar = {
        "url": markup.url(page),
        "fetched_at": page.fetched_at.isoformat(),
        "status": 200,
        "headers": {"content-type": "text/html; charset=utf-8"},
    }
    file.with_name(f"{file.name}.meta.json").write_text(json.dumps(sidecar, indent=1), encoding="utf-8")
    return file
