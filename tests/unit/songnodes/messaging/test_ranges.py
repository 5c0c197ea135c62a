"""Values that Avro can hold and no reader can take are refused where they are decoded."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest

from songnodes.messaging.codec import OutOfDomain
from tests.support import codecs, sample_records

CODEC = codecs.offline()
FAR = datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("topic", sample_records.SAMPLES)
def test_sample_records_are_in_the_domain(topic: str) -> None:
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
    ],
)
def test_values_outside_of_the_domain_are_poison(topic: str, record: dict[str, Any]) -> None:
    with pytest.raises(OutOfDomain):
        CODEC.decode(topic, CODEC.encode(topic, record))
