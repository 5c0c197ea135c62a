"""Compressed bodies: decompressed exactly, never beyond a limit, and refused if invalid."""

import gzip
import zlib
from collections.abc import Callable, Mapping

import brotli
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from producers.fetch.decompression import (
    DECODERS,
    CorruptBody,
    DecompressionBomb,
    UnsupportedEncoding,
    decompress,
)

MAX_BODY_BYTES = 100_000


def bare(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", PACKERS)
@given(body=st.binary(max_size=3000))
def test_a_compressed_body_is_decompressed(coding: str, body: bytes) -> None:
    assert decompress(PACKERS[coding](body), coding, MAX_BODY_BYTES) == body
    assert decompress(PACKERS["gzip"](PACKERS[coding](body)), f"{coding}, gzip", MAX_BODY_BYTES) == body


@pytest.mark.parametrize("coding", PACKERS)
def test_the_limit_is_exact(coding: str) -> None:
    assert len(decompress(PACKERS[coding](bytes(MAX_BODY_BYTES)), coding, MAX_BODY_BYTES)) == MAX_BODY_BYTES
    with pytest.raises(DecompressionBomb):
        decompress(PACKERS[coding](bytes(MAX_BODY_BYTES + 1)), coding, MAX_BODY_BYTES)


@pytest.mark.parametrize("coding", PACKERS)
@given(body=st.binary(min_size=1, max_size=300), share=st.floats(0, 0.999))
def test_a_truncated_body_is_broken(coding: str, body: bytes, share: float) -> None:
    packed = PACKERS[coding](body)
    cut = packed[: max(1, int(len(packed) * share))]
    with pytest.raises(CorruptBody):
        decompress(cut, coding, MAX_BODY_BYTES)


@pytest.mark.parametrize("coding", DECODERS)
@given(body=st.binary(max_size=200))
@example(body=b"\x1f\x8b")
def test_arbitrary_bytes_are_refused_or_decompressed(coding: str, body: bytes) -> None:
    try:
        assert len(decompress(body, coding, MAX_BODY_BYTES)) <= MAX_BODY_BYTES
    except (CorruptBody, DecompressionBomb):
        return


def test_encodings_of_real_servers_are_accepted() -> None:
    assert decompress(b"x", "", MAX_BODY_BYTES) == decompress(b"x", "identity", MAX_BODY_BYTES) == b"x"
    assert decompress(bare(b"rows"), "deflate", MAX_BODY_BYTES) == b"rows"
    assert decompress(gzip.compress(b"a") + gzip.compress(b"b"), "x-gzip", MAX_BODY_BYTES) == b"ab"
    assert decompress(gzip.compress(b"a") + b"\0\0", "GZIP", MAX_BODY_BYTES) == b"a"
    assert decompress(b"", "gzip", MAX_BODY_BYTES) == b""  # a 304, or the answer to HEAD


def test_nested_compression_counts_against_one_limit() -> None:
    with pytest.raises(DecompressionBomb):
        decompress(gzip.compress(bytes(60_000)) * 2, "gzip", MAX_BODY_BYTES)


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip, gzip", "utf-8"])
def test_an_encoding_that_was_not_requested_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedEncoding):
        decompress(b"x", encoding, MAX_BODY_BYTES)
