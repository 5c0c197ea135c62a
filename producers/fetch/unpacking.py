"""Content-Encoding undone: gzip, deflate, br and zstd, never into more than a limit."""

import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

from songnodes.errors import Poison, Transient

CODINGS = 2  # layers at most; more is an attack, not a saving
WINDOW = 8 * 1024 * 1024  # bytes; RFC 9659 lets no server ask for more
#: Bytes of zstd taken in at once. One block gives 128 KiB out of 4 bytes: 64 give 2 MiB at most.
SLICE = 64
#: What gives away the next member of a gzip body; anything else behind a member is padding.
GZIP_MAGIC = b"\x1f\x8b"


class Bomb(Poison):
    """The body unpacks to more than any page has"""

    reason = "bomb"


class UnknownCoding(Poison):
    """The body is packed in a way that was not asked for"""

    reason = "coding"


class BrokenBody(Transient):
    """The packed body is damaged or cut off"""


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body behind a Content-Encoding, of at most `limit` bytes.

    Raises Bomb, UnknownCoding, BrokenBody.
    """
    codings = [name for name in (part.strip().lower() for part in encoding.split(",")) if name]
    codings = [name.removeprefix("x-") for name in codings if name != "identity"]
    if len(codings) > CODINGS or not set(codings) <= READERS.keys():
        raise UnknownCoding(encoding[:80])
    for coding in reversed(codings):
        if not body:
            return body
        try:
            body = READERS[coding](body, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BrokenBody(f"{coding}: {error}") from error
    return body


def _inflated(data: bytes, limit: int, bits: int) -> tuple[bytes, bytes]:
    """One zlib stream, and what stands behind it."""
    stream = zlib.decompressobj(bits)
    found = stream.decompress(data, limit + 1)
    if len(found) > limit:
        raise Bomb(limit=limit)
    if not stream.eof:
        raise BrokenBody("it ends too early")
    return found, stream.unused_data


def _gzip(data: bytes, limit: int) -> bytes:
    found, data = _inflated(data, limit, 16 + zlib.MAX_WBITS)
    while data.startswith(GZIP_MAGIC):
        more, data = _inflated(data, limit - len(found), 16 + zlib.MAX_WBITS)
        found += more
    return found


def _deflate(data: bytes, limit: int) -> bytes:
    """zlib's format as the RFC says, or bare as some servers understood it."""
    try:
        return _inflated(data, limit, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _inflated(data, limit, -zlib.MAX_WBITS)[0]


def _brotli(data: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    found = bytearray()
    while not stream.is_finished():
        more = stream.process(data, output_buffer_limit=limit + 1)
        found += more
        if len(found) > limit:
            raise Bomb(limit=limit)
        if not more and not data:
            raise BrokenBody("it ends too early")
        data = b""
    return bytes(found)


def _zstd(data: bytes, limit: int) -> bytes:
    stream = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
    found = bytearray()
    for start in range(0, len(data), SLICE):
        found += stream.decompress(data[start : start + SLICE])
        if len(found) > limit:
            raise Bomb(limit=limit)
        if stream.eof:
            return bytes(found)
    raise BrokenBody("it ends too early")


READERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
#: For Accept-Encoding.
ACCEPTED = ", ".join(READERS)
