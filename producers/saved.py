"""Saved pages: a file, its sidecar, and the page record built from them.

The sidecar of `page.html` is `page.html.meta.json`, with the optional fields `url`, `fetched_at`
(ISO 8601), `status`, `headers`.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import Any

from producers import responses
from producers.errors import FetchInFuture, FileTooLarge, FileUnreadable, InvalidSidecar, NoSuchPath, NotAFile
from producers.responses import Response
from producers.sources.page import Found, Material
from songnodes.clock import Clock
from songnodes.domain.records import Page

MAX_BODY_BYTES = 50 * 1024 * 1024  # the largest real page has 350 kB
SIDECAR = ".meta.json"
GZIP = b"\x1f\x8b"
CLOCK_SKEW = timedelta(minutes=5)
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarOverrides:
    """Values of the command line for all files; they override the sidecars."""

    url: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One saved response. `explicit` is True for a fetch time from sidecar or command line, False for the
    file's own."""

    path: Path
    body: bytes
    url: str | None
    fetched_at: datetime
    explicit: bool
    status: int
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str | None:
        """Return the content type of the response, where its headers were kept."""
        return self.headers.get("content-type")


def files(paths: Iterable[Path]) -> list[Path]:
    """Return all files of these paths and the directories below, in a fixed order, without sidecars and dot
    files.

    Raises NoSuchPath, and NotAFile for a named path that is a device, a FIFO or a socket.
    """
    return list(dict.fromkeys(file for path in paths for file, why in _files(path) if why is None))


def skipped(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Return the entries that `files` leaves out, without sidecars, each with the reason.

    A hidden directory is one entry.
    """
    entries = {file: why for path in paths for file, why in _files(path) if why is not None}
    return list(entries.items())


def _files(path: Path) -> Iterator[tuple[Path, str | None]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            parts = file.relative_to(path).parts
            if any(part.startswith(".") for part in parts[:-1]) or file.name.endswith(SIDECAR):
                continue
            why = _why_skipped(file)
            if why is not None or not file.is_dir():
                yield file, why
    elif path.is_file():
        yield path, None
    elif path.exists():
        raise NotAFile(str(path), kind=_special(path))
    else:
        raise NoSuchPath(str(path))


def _why_skipped(file: Path) -> str | None:
    """Return why an entry of a directory is not read; None for a regular file or an ordinary directory."""
    if file.name.startswith("."):
        return "hidden: its name begins with a dot"
    if file.is_dir() or file.is_file():
        return None
    return f"{_special(file)}, not a regular file" if file.exists() else "a link to nothing"


def _special(path: Path) -> str:
    """Return what a path is that is neither file nor directory."""
    kinds = {
        "a FIFO": path.is_fifo(),
        "a socket": path.is_socket(),
        "a device": path.is_char_device() or path.is_block_device(),
    }
    return next((name for name, holds in kinds.items() if holds), "a special file")


def read(path: Path, overrides: SidecarOverrides, clock: Clock) -> Saved:
    """Return the file with its sidecar. Raises FileRefused."""
    try:
        stat = path.stat()
        if not S_ISREG(stat.st_mode):  # a read of a FIFO or of /dev/zero would never end
            raise NotAFile(kind=_special(path))
        if stat.st_size > MAX_BODY_BYTES:
            raise FileTooLarge(size=stat.st_size, limit=MAX_BODY_BYTES)
        body = _unpacked(path.read_bytes())
        sidecar = _sidecar(path)
    except OSError as error:
        raise FileUnreadable(error.strerror or str(error)) from error
    explicit = overrides.fetched_at or time_of(sidecar.get("fetched_at"))
    fetched_at = explicit or datetime.fromtimestamp(int(stat.st_mtime), UTC)
    if fetched_at > clock.now() + CLOCK_SKEW:
        raise FetchInFuture(fetched_at=fetched_at.isoformat())
    return Saved(
        path=path,
        body=body,
        url=overrides.url or _text(sidecar.get("url")),
        fetched_at=fetched_at,
        explicit=explicit is not None,
        status=sidecar.get("status", OK),
        headers=responses.kept(sidecar.get("headers", {})),
    )


def page(saved: Saved, material: Material | None, found: Found) -> Page:
    """Return the record of `bronze.pages`. Ids derive from content: equal files yield equal records."""
    return responses.page(response(saved), material, found)


def response(saved: Saved) -> Response:
    """Return the file as a response."""
    return Response(
        url=saved.url,
        status=saved.status,
        headers=saved.headers,
        content_type=saved.content_type,
        body=saved.body,
        fetched_at=saved.fetched_at,
        fetcher="saved",
    )


def _unpacked(raw: bytes) -> bytes:
    """Return the bytes, decompressed if gzip. Raises FileUnreadable, FileTooLarge before unpacking."""
    if not raw.startswith(GZIP):
        return raw
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(raw, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise FileUnreadable(f"broken gzip: {error}") from error
    if len(body) > MAX_BODY_BYTES:
        raise FileTooLarge("unpacked", limit=MAX_BODY_BYTES)
    if not unpacker.eof:
        raise FileUnreadable("the gzip file ends too early")
    return body


def _sidecar(path: Path) -> dict[str, Any]:
    """Return the sidecar of the file, or of its name without .gz; empty if there is none."""
    for name in (path.name, path.name.removesuffix(".gz")):
        sidecar = path.with_name(name + SIDECAR)
        if sidecar.is_file():
            break
    else:
        return {}
    try:
        value = json.loads(sidecar.read_bytes())
    except ValueError as error:
        raise InvalidSidecar(str(sidecar), cause=str(error)) from error
    headers = value.get("headers", {}) if isinstance(value, dict) else None
    if not isinstance(headers, dict) or not isinstance(value.get("status", OK), int):
        raise InvalidSidecar(str(sidecar), expected="url, fetched_at, status: number, headers: object")
    return dict(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def time_of(value: Any) -> datetime | None:
    """Parse an ISO 8601 time; without a zone it is UTC. Raises InvalidSidecar."""
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidSidecar(f"fetched_at {value!r} is no ISO 8601 time") from error
