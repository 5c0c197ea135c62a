"""Saved pages: a file, what stands beside it, and the page record they make.

Beside `page.html` may stand `page.html.meta.json`: `url`, `fetched_at` (ISO 8601), `status`, `headers`.
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
from producers.refusals import BadSidecar, FetchInFuture, NoSuchPath, NotAFile, TooBig, Unreadable
from producers.responses import Response
from producers.sources.page import Found, Material
from songnodes.clock import Clock
from songnodes.domain.records import Page

LARGEST = 50 * 1024 * 1024  # bytes of a body; the largest real page has 350 kB
SIDECAR = ".meta.json"
GZIP = b"\x1f\x8b"
CLOCK_SKEW = timedelta(minutes=5)
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says of all files; it outranks the sidecars."""

    url: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One saved response. `explicit` tells a fetch time that someone gave from a file's own."""

    path: Path
    body: bytes
    url: str | None
    fetched_at: datetime
    explicit: bool
    status: int
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str | None:
        """Of the response, where its headers were kept."""
        return self.headers.get("content-type")


def files(paths: Iterable[Path]) -> list[Path]:
    """All files of these paths, directories read through, in a fixed order; sidecars and dot files aside.

    Raises NoSuchPath, and NotAFile for a path that was named and is a device, a FIFO or a socket.
    """
    return list(dict.fromkeys(file for path in paths for file, why in _files(path) if why is None))


def skipped(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """What of these directories `files` leaves out, sidecars aside, each with the reason.

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


def read(path: Path, given: Given, clock: Clock) -> Saved:
    """The file with its sidecar. Raises Refused: too big, not readable, a broken sidecar, a future fetch."""
    try:
        stat = path.stat()
        if not S_ISREG(stat.st_mode):  # reading a FIFO would wait for ever, /dev/zero would never end
            raise NotAFile(kind=_special(path))
        if stat.st_size > LARGEST:
            raise TooBig(size=stat.st_size, limit=LARGEST)
        body = _unpacked(path.read_bytes())
        beside = _sidecar(path)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    explicit = given.fetched_at or time_of(beside.get("fetched_at"))
    fetched_at = explicit or datetime.fromtimestamp(int(stat.st_mtime), UTC)
    if fetched_at > clock.now() + CLOCK_SKEW:
        raise FetchInFuture(fetched_at=fetched_at.isoformat())
    return Saved(
        path=path,
        body=body,
        url=given.url or _text(beside.get("url")),
        fetched_at=fetched_at,
        explicit=explicit is not None,
        status=beside.get("status", OK),
        headers=responses.kept(beside.get("headers", {})),
    )


def page(saved: Saved, material: Material | None, found: Found) -> Page:
    """The record of `bronze.pages`. Ids are made of content: the same file gives the same record."""
    return responses.page(response(saved), material, found)


def response(saved: Saved) -> Response:
    """The file as a response."""
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
    """The bytes, out of gzip where they are in it. Raises TooBig before a bomb is unpacked, Unreadable."""
    if not raw.startswith(GZIP):
        return raw
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(raw, LARGEST + 1)
    except zlib.error as error:
        raise Unreadable(f"broken gzip: {error}") from error
    if len(body) > LARGEST:
        raise TooBig("unpacked", limit=LARGEST)
    if not unpacker.eof:
        raise Unreadable("the gzip file ends too early")
    return body


def _sidecar(path: Path) -> dict[str, Any]:
    """What stands beside the file, or beside its name without .gz; nothing where there is none."""
    for name in (path.name, path.name.removesuffix(".gz")):
        beside = path.with_name(name + SIDECAR)
        if beside.is_file():
            break
    else:
        return {}
    try:
        value = json.loads(beside.read_bytes())
    except ValueError as error:
        raise BadSidecar(str(beside), cause=str(error)) from error
    headers = value.get("headers", {}) if isinstance(value, dict) else None
    if not isinstance(headers, dict) or not isinstance(value.get("status", OK), int):
        raise BadSidecar(str(beside), cause="wants url, fetched_at, status (a number), headers (an object)")
    return dict(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def time_of(value: Any) -> datetime | None:
    """An ISO 8601 time; without a zone it is UTC. Raises BadSidecar."""
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadSidecar(f"fetched_at {value!r} is no ISO 8601 time") from error
