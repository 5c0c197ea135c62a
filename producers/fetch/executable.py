"""Path of the Chromium executable that renders pages."""

import shutil
from pathlib import Path

from producers.fetch.errors import BrowserMissing
from songnodes.settings import Settings

#: In the order of preference: the first has no windows and is the smallest.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)


def find_chromium(settings: Settings) -> str:
    """Return the path of the browser. Raises BrowserMissing."""
    if settings.chromium:
        if not Path(settings.chromium).is_file():
            raise BrowserMissing(settings.chromium)
        return settings.chromium
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        raise BrowserMissing()
    return path
