"""Path of the Chromium executable that renders pages."""

import shutil
from pathlib import Path

from songnodes.errors import ProgramMissing
from songnodes.settings import Settings

#: In the order of preference: the first has no windows and is the smallest.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
REMEDY = "Install it (Debian: apt-get install chromium-headless-shell) or set SONGNODES_CHROMIUM to its path"


def missing(reason: str = "") -> ProgramMissing:
    """Return the error of a browser that is not found or does not start."""
    purpose = "Chromium, which renders pages that need scripts"
    return ProgramMissing(f"{purpose}: {reason}" if reason else purpose, remedy=REMEDY)


def find_chromium(settings: Settings) -> str:
    """Return the path of the browser. Raises ProgramMissing."""
    if settings.chromium:
        if not Path(settings.chromium).is_file():
            raise missing(settings.chromium)
        return settings.chromium
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        raise missing()
    return path
