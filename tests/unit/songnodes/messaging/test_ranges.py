"""Values that Avro can encode but readers cannot handle are refused at decoding."""

import math
from datetime import UTC, date, datetime
from typing import Any, TypedDict

import pytest

from songnodes.errors import Poison
from songnodes.messaging import schemas
from songnodes.messaging.codec import BrokenAvro, NotAvro, OutOfDomain
from songnodes.messaging.limits import MAX_ID_BYTES, MAX_ITEMS, YEARS, is_id
from tests.support import codecs, extreme_values, sample_records
from tests.unit.songnodes.messaging import examples

CODEC = codecs.offline()


def with_row(*, text: str = "A - B", **changes: Any) -> dict[str, Any]:
    return sample_records.tracklist(rows=[sample_records.tracklist_row(0, text, **changes)])


FAR = datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("topic", sample_records.SAMPLES)
def test_sample_records_are_accepted(topic: str) -> None:
    record = sample_records.SAMPLES[topic][1]
    CODEC.decode(topic, CODEC.encode(topic, record))


@pytest.mark.parametrize(
    ("topic", "record"),
    [
        ("bronze.tracklists", sample_records.tracklist(observed_at=FAR)),
        ("bronze.tracklists", sample_records.tracklist(parser_version=2**31)),
        (
            "bronze.tracklists",
            sample_records.tracklist(rows=[sample_records.tracklist_row(2**40, "A - B", number=1)]),
        ),
        ("bronze.artists", sample_records.profile(parser_version=-(2**63))),
        ("silver.tracks", sample_records.track(bpm=math.nan)),
        ("silver.tracks", sample_records.track(bpm=math.inf)),
        ("silver.tracks", sample_records.track(release_date=date.max)),
        ("silver.playlists", sample_records.playlist(set_date=date.min)),
        ("gold.tracks", sample_records.counts(support_days=[{"day": date.max, "weight": 1.0}])),
        ("bronze.tracklists", {**sample_records.tracklist(), "playlist_id": "mixcloud:a\x00b"}),
        ("bronze.tracklists", {**sample_records.tracklist(), "playlist_id": "x" * (MAX_ID_BYTES + 1)}),
        ("bronze.tracklists", {**sample_records.tracklist(), "page_id": "é" * (MAX_ID_BYTES // 2 + 1)}),
        ("bronze.tracklists", with_row(row_key="1\x00")),
        ("bronze.tracklists", with_row(ids={"spotify": "x" * 3_000})),
        ("bronze.tracklists", with_row(ids={"\x00": "x"})),
        ("bronze.tracklists", with_row(warnings=[""] * (MAX_ITEMS + 1))),
        ("bronze.tracklists", with_row(values={str(number): "" for number in range(MAX_ITEMS + 1)})),
        ("silver.tracks", sample_records.track(artist_ids=["a", "b\x00"])),
    ],
)
def test_values_outside_of_the_domain_are_poison(topic: str, record: dict[str, Any]) -> None:
    with pytest.raises(OutOfDomain):
        CODEC.decode(topic, CODEC.encode(topic, record))


def test_nul_in_a_text_that_is_no_id_is_replaced() -> None:
    record = with_row(text="A\x00 - B", values={"a\x00": "b\x00"}, genre="\x00")
    record["header"]["title"] = "\x00"
    decoded = CODEC.decode("bronze.tracklists", CODEC.encode("bronze.tracklists", record))
    assert decoded["header"]["title"] == "\ufffd"
    (row,) = decoded["rows"]
    assert (row["text"], row["values"], row["genre"]) == ("A\ufffd - B", {"a\ufffd": "b\ufffd"}, "\ufffd")


class Counted(TypedDict):
    """Of a place of a track in a set."""

    position: int


class Reading(TypedDict):
    """Some fields of a fact, which is in `examples` with all of them."""

    track_id: str
    set_date: date | None
    appearances: list[Counted]


READING = CODEC.reading({"silver.appearances": Reading})
FACT = examples.record("silver.appearances")


@pytest.mark.parametrize(
    "bad",
    [
        {"track_id": "a\x00"},
        {"set_date": date.max},
        {"appearances": [{**FACT["appearances"][0], "position": 2**40}]},
    ],
    ids=str,
)
def test_fields_that_are_read_are_checked_as_those_of_a_whole_record(bad: dict[str, Any]) -> None:
    raw = CODEC.encode("silver.appearances", {**FACT, **bad})
    reasons = []
    for codec in (CODEC, READING):
        with pytest.raises(OutOfDomain) as refused:
            codec.decode("silver.appearances", raw)
        reasons.append(str(refused.value))
    assert reasons[0] == reasons[1]


def test_fields_that_are_not_read_are_neither_decoded_nor_checked() -> None:
    bad = {"event_id": "a\x00", "observed_at": FAR, "djs_live": [""] * (MAX_ITEMS + 1), "mix_name": "\x00"}
    raw = CODEC.encode("silver.appearances", {**FACT, **bad})
    expected = {name: FACT[name] for name in ("track_id", "set_date")}
    places = [{"position": place["position"]} for place in FACT["appearances"]]
    assert READING.decode("silver.appearances", raw) == {**expected, "appearances": places}
    no_text = raw.replace(FACT["playlist_id"].encode(), b"\xff" * len(FACT["playlist_id"].encode()))
    assert READING.decode("silver.appearances", no_text)["track_id"] == FACT["track_id"]
    with pytest.raises(BrokenAvro):
        CODEC.decode("silver.appearances", no_text)


def test_records_that_are_cut_off_are_refused_whatever_is_read() -> None:
    raw = CODEC.encode("silver.appearances", FACT)
    for broken in (raw + b"\0", *(raw[:length] for length in range(len(raw)))):
        with pytest.raises((BrokenAvro, NotAvro)):
            READING.decode("silver.appearances", broken)


def test_other_topics_are_read_whole() -> None:
    record = examples.record("silver.credits")
    assert READING.decode("silver.credits", CODEC.encode("silver.credits", record)) == record


def test_an_id_of_maximum_length_and_a_long_list_are_accepted() -> None:
    record = with_row(warnings=["x"] * MAX_ITEMS, genre="x" * 20_000)
    record["playlist_id"] = "é" * (MAX_ID_BYTES // 2)
    assert CODEC.decode("bronze.tracklists", CODEC.encode("bronze.tracklists", record)) == record


@pytest.mark.parametrize("topic", sorted(schemas.subjects()))
def test_every_field_of_every_schema_is_checked(topic: str) -> None:
    """Put a value outside of the domain into each field of a record with all fields."""
    record = examples.record(topic)
    for place in extreme_values.record_places(schemas.newest(topic), record):
        name = field_of(place.path)
        for new in place.values:
            edited = extreme_values.replaced(record, place.path, new)
            if not is_outside(name, new):
                continue
            try:
                raw = CODEC.encode(topic, edited)
            except Poison:
                continue
            with pytest.raises((OutOfDomain, BrokenAvro)):  # a moment far off is not even decoded
                CODEC.decode(topic, raw)


def field_of(path: extreme_values.Path) -> str:
    """Return the name of the field: steps into lists are numbers, the only key of a map is "a"."""
    return next((step for step in reversed(path) if isinstance(step, str) and step != "a"), "")


def is_outside(name: str, value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, datetime | date):
        return value.year not in YEARS
    return (
        isinstance(value, str)
        and is_id(name)
        and (len(value.encode("utf-8", "replace")) > 800 or "\0" in value)
    )


def test_values_are_checked_before_they_are_written() -> None:
    CODEC.check("bronze.tracklists", with_row(text="A\x00"))
    with pytest.raises(OutOfDomain, match=r"rows.row_key: an id of 801 bytes"):
        CODEC.check("bronze.tracklists", with_row(row_key="x" * 801))
