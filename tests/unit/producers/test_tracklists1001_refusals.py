"""Pages without records: each has its own reason, and nothing is guessed."""

import random
import re
from pathlib import Path

import pytest

from producers import sources
from producers.sources import errors
from producers.sources.page import Found
from songnodes.errors import Poison
from tests.support.page_records import page, tracklist

SET = "19h6nw7t"
WHOLE = Found(source="1001tracklists", kind="tracklist", native_id=SET)
SKELETON = """<html><head><link rel="canonical" href="https://www.1001tracklists.com/tracklist/{id}/x.html">
</head><body>{body}</body></html>"""


@pytest.fixture(scope="module")
def site(shared_data: Path) -> Path:
    return shared_data / "html" / "1001tracklists"


@pytest.fixture(scope="module")
def good(site: Path) -> bytes:
    return (site / "tracklist" / "19h6nw7t-sven-vath-bbc-radio1-2024-10-12.html").read_bytes()


def reason(body: bytes, page_ref: Found | None = None) -> str:
    with pytest.raises(Poison) as caught:
        sources.parse(page(body, found=page_ref))
    assert str(caught.value)
    return caught.value.reason


def test_the_forwarding_page_with_the_real_title_is_blocked(site: Path) -> None:
    body = (site / "blocked" / "captcha-forwarding.html").read_bytes()
    assert b"Bicep - NTS Radio 2022-06-16" in body
    assert reason(body) == "blocked_forwarding"


@pytest.mark.parametrize("name", ["captcha-forwarding", "track-page-forwarding", "ip-limit-search"])
def test_blocked_responses_are_blocked_for_every_kind(site: Path, name: str) -> None:
    body = (site / "blocked" / f"{name}.html").read_bytes()
    expected = "blocked_limit" if "limit" in name else "blocked_forwarding"
    assert reason(body, page_ref=WHOLE) == expected


@pytest.mark.parametrize("name", ["captcha-forwarding", "track-page-forwarding", "ip-limit-search"])
def test_recognition_reports_a_blocked_page(site: Path, name: str) -> None:
    body = (site / "blocked" / f"{name}.html").read_bytes()
    page_ref = sources.recognise(sources.Material(body))
    assert page_ref is not None
    assert page_ref.blocked is not None


def test_good_pages_are_not_blocked(good: bytes) -> None:
    page_ref = sources.recognise(sources.Material(good))
    assert page_ref is not None
    assert page_ref.blocked is None


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
def test_a_truncated_page_never_loses_rows_silently(good: bytes, share: float) -> None:
    assert reason(good[: int(len(good) * share)]) == "truncated"


def test_another_page_of_the_site_is_not_a_tracklist(site: Path) -> None:
    body = (site / "home" / "homepage.html").read_bytes()
    assert reason(body, page_ref=WHOLE) == "other_page"


def test_a_page_of_another_set_is_refused(good: bytes) -> None:
    other_set = Found(source="1001tracklists", kind="tracklist", native_id="25fhn7c9")
    assert reason(good, page_ref=other_set) == "other_page"


def test_a_page_without_a_tracklist_is_refused() -> None:
    assert reason(SKELETON.format(id="abc", body="<p>gone</p>").encode()) == "not_a_tracklist"


def test_a_tracklist_without_rows_is_refused() -> None:
    body = SKELETON.format(id="abc", body='<div id="tlTab" data-count="12"></div>')
    assert reason(body.encode()) == "no_rows"


@pytest.mark.parametrize("body", [b"", b"   \n\t "])
def test_an_empty_body_is_refused(body: bytes) -> None:
    assert reason(body, page_ref=WHOLE) == "empty"


@pytest.mark.parametrize(
    "body",
    [b"\x1f\x8b\x08\x00" + b"x" * 50, b"%PDF-1.7 text", b"\x89PNG\r\n", bytes(range(256)) * 8],
    ids=["gzip", "pdf", "png", "bytes"],
)
def test_a_binary_body_is_refused(body: bytes) -> None:
    assert reason(body, page_ref=WHOLE) == "binary"


def test_a_kind_without_a_parser_is_refused(site: Path) -> None:
    unread = Found(source="1001tracklists", kind="track", native_id="x")
    assert reason((site / "search" / "time-warp-2024.html").read_bytes(), page_ref=unread) == "no_parser"


def test_a_decoy_page_with_shuffled_names_is_refused(site: Path) -> None:
    (file,) = (site / "tracklist").glob("1pmwyfn1-*.html")
    text = file.read_text(encoding="utf-8")
    names = re.findall(r'<meta itemprop="name" content="([^"]* - [^"]*)"><meta itemprop="byArtist"', text)
    assert len(names) > 20
    shuffled = names[1:] + names[:1]
    random.Random(4).shuffle(shuffled)
    replaced = iter(shuffled)
    decoy = re.sub(
        r'(<meta itemprop="name" content=")[^"]* - [^"]*("><meta itemprop="byArtist")',
        lambda match: match[1] + next(replaced) + match[2],
        text,
    )
    assert reason(decoy.encode()) == "decoy"
    assert issubclass(errors.DecoyPage, errors.Blocked)


def test_reasons_are_distinct() -> None:
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Poison)]
    reasons = [error_class.reason for error_class in classes]
    assert len(set(reasons)) == len(reasons)


class TestEncodings:
    """A page is decoded by its declared charset, then as UTF-8, finally as cp1252."""

    def test_declared_utf8_that_is_cp1252_is_decoded(self, good: bytes) -> None:
        record = tracklist(good.decode().encode("cp1252", "xmlcharrefreplace"))
        assert record["header"]["djs"][0]["name"] == "Sven Väth"
        assert record["warnings"] == [
            "encoding: not utf-8 as declared",
            "encoding: not UTF-8, read as cp1252",
        ]

    def test_declared_latin1_is_used(self, good: bytes) -> None:
        text = good.decode().replace("charset=utf-8", "charset=iso-8859-1")
        record = tracklist(text.encode("cp1252", "xmlcharrefreplace"))
        assert record["header"]["djs"][0]["name"] == "Sven Väth"
        assert record["warnings"] == []

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_a_byte_order_mark_decides(self, good: bytes, encoding: str) -> None:
        assert tracklist(good.decode().encode(encoding))["header"]["djs"][0]["name"] == "Sven Väth"

    def test_an_unknown_charset_is_a_warning(self, good: bytes) -> None:
        record = tracklist(good.replace(b"charset=utf-8", b"charset=klingon"))
        assert record["warnings"] == ["encoding: not klingon as declared"]
        assert len(record["rows"]) == 12
