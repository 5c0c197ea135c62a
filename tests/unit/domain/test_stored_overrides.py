"""The JSON text of a decision in its topic: a value of its field, or a refusal."""

import pytest

from songnodes.domain.overrides import NoOverride, stored


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("bpm", "128", 128.0),
        ("key", "8", 8),
        ("key_mode", '"minor"', "minor"),
        ("genres", '["house"]', ["house"]),
    ],
)
def test_values_as_they_are_stored(column: str, text: str, value: object) -> None:
    assert stored(column, text) == value


@pytest.mark.parametrize(
    "column", ["bpm", "key", "key_mode", "genres", "label", "release_date", "nothing", ""]
)
@pytest.mark.parametrize(
    "text", ["", "{", "1900-01-01", "[" * 20_000, "9" * 400, "null", "{}", "NaN", "true", "\ufeff"]
)
def test_what_is_no_value_is_refused(column: str, text: str) -> None:
    if column == "label" and text == "9" * 300:
        return
    with pytest.raises(NoOverride):
        stored(column, text)
