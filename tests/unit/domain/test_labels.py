"""Spellings of labels, and texts that name none."""

import pytest

from songnodes.domain.labels import label_id


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (("Drumcode", "DRUMCODE", "Drumcode Records", "drumcode rec."), "drumcode"),
        (("Âme Recordings", "Ame"), "ame"),
        (("Ultra Music", "ultra  music"), "ultra music"),
        (("Ultra Records",), "ultra"),
        (("Records",), "records"),
        (("Not On Label", "free", "", None), None),
    ],
)
def test_spellings_of_a_label_have_one_id(spellings: tuple[str | None, ...], expected: str | None) -> None:
    assert {label_id(spelling) for spelling in spellings} == {expected}
