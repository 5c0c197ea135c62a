"""Which Chromium renders pages."""

import shutil
from pathlib import Path

from producers.fetch.refusals import NoBrowser
from songnodes.settings import Settings

#: In the order of preference: the first has no windows and is the smallest.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find(settings: Settings) -> str:
    """Its path. Raises NoBrowser."""
    if settings.chromium:
        if not Path(settings.chromium).is_file():
            raise NoBrowser(settings.chromium)
        return settings.chromium
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowser()
    return found
