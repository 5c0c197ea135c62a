"""Decode Content-Encoding: gzip, deflate, br and zstd, up to a size limit."""

import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

from songnodes.errors import Poison, Transient

MAX_ENCODINGS = 2  # more layers are an attack, not a saving
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024  # RFC 9659 allows no more
#: Bytes of zstd decoded at once. A block yields up to 128 KiB from 4 bytes: 64 yield 2 MiB at most.
ZSTD_CHUNK_BYTES = 64
#: Start of another member of a gzip body; any other bytes after a member are padding.
GZIP_MAGIC = b"\x1f\x8b"


class DecompressionBomb(Poison):
    """The decompressed body is larger than any page"""

    reason = "bomb"


class UnsupportedEncoding(Poison):
    """The body has a content encoding that was not requested"""

    reason = "coding"


class CorruptBody(Transient):
    """The compressed body is damaged or truncated"""


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the body decoded, at most `limit` bytes.

    Raises DecompressionBomb, UnsupportedEncoding, CorruptBody.
    """
    codings = [name for name in (part.strip().lower() for part in encoding.split(",")) if name]
    codings = [name.removeprefix("x-") for name in codings if name != "identity"]
    if len(codings) > MAX_ENCODINGS or not set(codings) <= DECODERS.keys():
        raise UnsupportedEncoding(encoding[:80])
    for coding in reversed(codings):
        if not body:
            return body
        try:
            body = DECODERS[coding](body, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise CorruptBody(f"{coding}: {error}") from error
    return body


def _inflate(data: bytes, limit: int, bits: int) -> tuple[bytes, bytes]:
    """Decode one zlib stream; return it and the bytes after it."""
    stream = zlib.decompressobj(bits)
    output = stream.decompress(data, limit + 1)
    if len(output) > limit:
        raise DecompressionBomb(limit=limit)
    if not stream.eof:
        raise CorruptBody("it is truncated")
    return output, stream.unused_data


def _gzip(data: bytes, limit: int) -> bytes:
    output, data = _inflate(data, limit, 16 + zlib.MAX_WBITS)
    while data.startswith(GZIP_MAGIC):
        more, data = _inflate(data, limit - len(output), 16 + zlib.MAX_WBITS)
        output += more
    return output


def _deflate(data: bytes, limit: int) -> bytes:
    """Decode zlib's format as the RFC requires, or raw deflate as some servers send it."""
    try:
        return _inflate(data, limit, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _inflate(data, limit, -zlib.MAX_WBITS)[0]


def _brotli(data: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    output = bytearray()
    while not stream.is_finished():
        more = stream.process(data, output_buffer_limit=limit + 1)
        output += more
        if len(output) > limit:
            raise DecompressionBomb(limit=limit)
        if not more and not data:
            raise CorruptBody("it is truncated")
        data = b""
    return bytes(output)


def _zstd(data: bytes, limit: int) -> bytes:
    stream = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()
    output = bytearray()
    for start in range(0, len(data), ZSTD_CHUNK_BYTES):
        output += stream.decompress(data[start : start + ZSTD_CHUNK_BYTES])
        if len(output) > limit:
            raise DecompressionBomb(limit=limit)
        if stream.eof:
            return bytes(output)
    raise CorruptBody("it is truncated")


DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
#: For Accept-Encoding.
ACCEPT_ENCODING = ", ".join(DECODERS)
