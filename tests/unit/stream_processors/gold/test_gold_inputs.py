"""Fields that gold reads: they are those that silver writes, and bad ones make a dead letter."""

import math
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest

from songnodes.domain import gold_inputs, records
from songnodes.settings import Settings
from stream_processors.gold import build
from stream_processors.gold.stage import INPUTS
from stream_processors.runtime.testing import StageTestDriver
from tests.support import codecs, sample_records

CODEC = codecs.offline()
WRITTEN = {
    gold_inputs.TrackPlays: records.TrackFact,
    gold_inputs.ArtistPlays: records.CreditFact,
    gold_inputs.TrackValues: records.Track,
    gold_inputs.ArtistName: records.Artist,
}


def differences(read: Any, written: Any) -> list[str]:
    """Return the fields that are read with another type than they are written with."""
    hints, wrong = get_type_hints(written), []
    for name, hint in get_type_hints(read).items():
        (inner,) = get_args(hint)[:1] or (None,)
        if is_typeddict(inner):
            wrong += differences(inner, get_args(hints[name])[0])
        elif hint != hints.get(name):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("read", INPUTS.values())
def test_fields_have_the_types_of_the_records(read: type) -> None:
    assert differences(read, WRITTEN[read]) == []


def test_a_difference_is_detected() -> None:
    assert differences(gold_inputs.PlayCounts, records.Appearance) == ["plays", "component_plays"]


def test_a_record_whose_fields_are_bad_is_a_dead_letter_if_they_are_read() -> None:
    driver = StageTestDriver(build(Settings(), CODEC), CODEC)
    track = sample_records.track(bpm=math.nan)
    assert driver.feed("silver.tracks", track["track_id"], track) == []
    [(reason, _)] = driver.dead_letters
    assert (reason.reason, "bpm: nan is no finite number" in reason.message) == ("out_of_domain", True)

    track = sample_records.track(danceability=math.nan)
    [output] = driver.feed("silver.tracks", track["track_id"], track)
    assert (output.topic, output.value["track_name"]) == ("gold.tracks", track["track_name"])
    assert len(driver.dead_letters) == 1
