"""Scripts and styles of others at `/assets/NAME@VERSION/FILE`, from the cache that `songnodes up` fills.

Where they could not be fetched, pages have no reference to them and work without.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from infra.embedded import browser_parts
from infra.embedded.artifacts import ChecksumMismatch, DownloadFailed
from infra.embedded.browser_parts import BrowserFile
from infra.embedded.stack import cache_directory
from songnodes import logs
from web.rendering import ENVIRONMENT

PREFIX = "/assets/"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
#: The path has the version: what is there never changes.
CACHE_CONTROL = "public, max-age=31536000, immutable"

log = logs.get(__name__)
router = APIRouter()


def fetch(directory: Path | None = None) -> bool:
    """Fetch what is missing; return False, and log the reason, if that fails."""
    try:
        browser_parts.install(directory or cache_directory())
    except (DownloadFailed, ChecksumMismatch, OSError) as error:
        log.warning("browser_parts_missing", error=str(error), effect="pages work without their scripts")
        return False
    return True


def installed(directory: Path | None = None) -> Mapping[str, BrowserFile]:
    """Return the files that can be served, by their path below PREFIX."""
    return {file.path: file for file in _pinned(directory or cache_directory()) if file.file.is_file()}


@cache
def _pinned(directory: Path) -> tuple[BrowserFile, ...]:
    return browser_parts.files(directory)


def asset(name: str) -> str | None:
    """Return the address of a file by its name (`cytoscape.min.js`); None if it could not be fetched."""
    return next((PREFIX + path for path, file in installed().items() if file.name == name), None)


ENVIRONMENT.globals["asset"] = asset


@router.get(PREFIX + "{part}/{name}")
async def serve(request: Request, part: str, name: str) -> Response:
    """Serve a file, compressed if the browser accepts gzip."""
    file = installed().get(f"{part}/{name}")
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding"}
    media_type = TYPES[file.file.suffix]
    if "gzip" in request.headers.get("accept-encoding", "") and file.compressed.is_file():
        headers["Content-Encoding"] = "gzip"
        return FileResponse(file.compressed, media_type=media_type, headers=headers)
    return FileResponse(file.file, media_type=media_type, headers=headers)
