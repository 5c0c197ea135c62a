"""Damaged pages: any bytes yield a valid record or a Poison."""

import io
import os
from pathlib import Path

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers import sources
from producers.sources.page import Found
from songnodes.errors import Poison
from songnodes.messaging import schemas
from tests.support.page_records import page

#: Inputs of the nightly run, of which this file has a tenth.
#: A failure is reported with the whole damaged page.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

INPUTS = int(os.environ.get("SONGNODES_FUZZ_INPUTS", "0"))
HEALTH_CHECKS = [HealthCheck.function_scoped_fixture]
WHOLE = Found(source="1001tracklists", kind="tracklist", native_id="nsgpmht")
SCHEMA = fastavro.parse_schema(schemas.newest("bronze.tracklists"))
#: Pieces that break parsers: huge numbers, half tags, foreign scripts, control characters, odd references.
NASTY = (
    b'value="99999999999999999999999"',
    b'data-trno="-1"',
    b"PT999999999999M0S",
    b"<div class='tlpItem'>",
    b"</div></div></div></html>",
    b"&#xD800;&#0;&#x1F600;",
    b"\x00\x01\x02",
    b"\xff\xfe\xfa",
    "Ⅷ ٣ 𝟗 ½".encode(),
    b"cueValuesEntry.seconds = 1e9;",
    b"<!--",
    b"<script>",
    b"]]>",
)


@pytest.fixture(scope="module")
def body(shared_data: Path) -> bytes:
    """Return the head and the tracklist of a real page: small, with all features."""
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("nsgpmht-*.html")
    raw = file.read_bytes()
    head = raw[: raw.index(b"</head>")]
    start = raw.index(b'<div id="tlTab"') if b'<div id="tlTab"' in raw else raw.index(b"tlTab") - 40
    end = raw.index(b"tlp_5921503")
    return head + b"</head><body>" + raw[start:end] + b"</div></body></html>"


def records(damaged: bytes) -> int:
    """Parse and encode as Avro; return the number of rows, -1 for a Poison."""
    try:
        ((_, _, record),) = sources.parse(page(damaged, found=WHOLE))
    except Poison as poison:
        assert poison.reason
        return -1
    fastavro.schemaless_writer(io.BytesIO(), SCHEMA, record)
    assert len({row["row_key"] for row in record["rows"]}) == len(record["rows"])
    assert all("\x00" not in (row["text"] or "") for row in record["rows"])
    return len(record["rows"])


def test_the_undamaged_piece_has_rows(body: bytes) -> None:
    assert records(body) > 10


edits = st.lists(
    st.tuples(
        st.sampled_from(["cut", "double", "put", "flip"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 400),
        st.sampled_from(NASTY),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=max(300, INPUTS // 10), deadline=None, suppress_health_check=HEALTH_CHECKS)
@given(edits=edits)
def test_a_damaged_page_is_a_record_or_a_poison(
    body: bytes, edits: list[tuple[str, float, int, bytes]]
) -> None:
    damaged = body
    for edit, share, size, piece in edits:
        at = int(share * len(damaged))
        before, inside, after = damaged[:at], damaged[at : at + size], damaged[at + size :]
        damaged = {
            "cut": before + after,
            "double": before + inside + inside + after,
            "put": before + piece + inside + after,
            "flip": before + bytes(255 - byte for byte in inside[:8]) + inside[8:] + after,
        }[edit]
    records(damaged)


def test_attributes_may_have_names_with_control_characters() -> None:
    """Found by the nightly run: lxml returns such a name and refuses to look up its value."""
    row = '<div class="tlpItem" \x01\x02="1" itemtype="x"><a \x01="2" href="/artist/a/">A</a></div>'
    assert records(f'<html><h1 id="pageTitle" \x02="3"><div id="tlTab" \x01>{row}</html>'.encode()) == 1


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_a_poison(raw: bytes) -> None:
    assert records(raw + b"</html>") == -1


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_as_the_name_of_a_row_is_handled(text: str) -> None:
    row = f'<div class="tlpItem" data-id="1"><p class="trackValue">{text}</p></div>'
    body = f'<html><div id="tlTab">{row}</html>'
    try:
        raw = body.encode()
    except UnicodeEncodeError:
        raw = body.encode("utf-8", "surrogatepass")
    assert records(raw) in (-1, 1, 2)
