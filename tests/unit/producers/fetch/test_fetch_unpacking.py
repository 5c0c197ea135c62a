"""Packed bodies: back to what they were, never to more than a limit, never anything but a refusal."""

import gzip
import zlib
from collections.abc import Callable, Mapping

import brotli
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from producers.fetch.unpacking import READERS, Bomb, BrokenBody, UnknownCoding, unpack

LIMIT = 100_000


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
def test_there_and_back(coding: str, body: bytes) -> None:
    assert unpack(PACKERS[coding](body), coding, LIMIT) == body
    assert unpack(PACKERS["gzip"](PACKERS[coding](body)), f"{coding}, gzip", LIMIT) == body


@pytest.mark.parametrize("coding", PACKERS)
def test_the_limit_is_exact(coding: str) -> None:
    assert len(unpack(PACKERS[coding](bytes(LIMIT)), coding, LIMIT)) == LIMIT
    with pytest.raises(Bomb):
        unpack(PACKERS[coding](bytes(LIMIT + 1)), coding, LIMIT)


@pytest.mark.parametrize("coding", PACKERS)
@given(body=st.binary(min_size=1, max_size=300), kept=st.floats(0, 0.999))
def test_what_is_cut_off_is_broken(coding: str, body: bytes, kept: float) -> None:
    packed = PACKERS[coding](body)
    cut = packed[: max(1, int(len(packed) * kept))]
    with pytest.raises(BrokenBody):
        unpack(cut, coding, LIMIT)


@pytest.mark.parametrize("coding", READERS)
@given(body=st.binary(max_size=200))
@example(body=b"\x1f\x8b")
def test_noise_is_refused_or_read(coding: str, body: bytes) -> None:
    try:
        assert len(unpack(body, coding, LIMIT)) <= LIMIT
    except (BrokenBody, Bomb):
        return


def test_forms_of_real_servers() -> None:
    assert unpack(b"x", "", LIMIT) == unpack(b"x", "identity", LIMIT) == b"x"
    assert unpack(bare(b"rows"), "deflate", LIMIT) == b"rows"
    assert unpack(gzip.compress(b"a") + gzip.compress(b"b"), "x-gzip", LIMIT) == b"ab"
    assert unpack(gzip.compress(b"a") + b"\0\0", "GZIP", LIMIT) == b"a"
    assert unpack(b"", "gzip", LIMIT) == b""  # a 304, or the answer to HEAD


def test_several_small_bombs_are_one() -> None:
    with pytest.raises(Bomb):
        unpack(gzip.compress(bytes(60_000)) * 2, "gzip", LIMIT)


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip, gzip", "utf-8"])
def test_what_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(UnknownCoding):
        unpack(b"x", encoding, LIMIT)
