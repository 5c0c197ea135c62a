"""Sets, names and credits beyond the limits of the searches are not split and are flagged."""

import pytest

from songnodes.domain.records import Playlist
from tests.support.set_builders import Validate, build_tracklist


def published(*lines: str) -> Playlist:
    playlist = Validate().take(build_tracklist("1001tracklists:1", lines))
    assert playlist is not None
    return playlist


def failed(checks: list) -> set[str]:  # type: ignore[type-arg]
    return {check["name"] for check in checks if not check["passed"]}


@pytest.mark.parametrize(("number", "flags"), [(2_000, set()), (2_001, {"compared"})])
def test_a_large_set_is_not_split_and_is_flagged(number: int, flags: set[str]) -> None:
    playlist = published(*(f"Artist {at} - Song {at}" for at in range(number)))
    assert [row["raw_text"] for row in playlist["rows"]] == [
        f"Artist {at} - Song {at}" for at in range(number)
    ]
    assert failed(playlist["checks"]) >= flags
    assert ("compared" in failed(playlist["checks"])) == bool(flags)
    assert playlist["validation_status"] == ("warning" if flags else "validated")


def test_a_long_name_is_not_split_and_is_flagged() -> None:
    name = "A" * 1_001
    (row,) = published(f"{name} - Song")["rows"]
    assert row["raw_text"] == f"{name} - Song"
    assert row["claim"] is None or row["claim"]["artist_names"] == [name]
    assert failed(row["checks"]) >= {"artist", "credit_searched"}


def test_a_credit_of_many_names_is_not_split_and_is_flagged() -> None:
    credit = ", ".join("ABCDEFGHIJKLMNOPQ" * 3)
    (row,) = published(f"{credit} - Song")["rows"]
    assert row["raw_text"] == f"{credit} - Song"
    assert row["claim"] is not None
    assert row["claim"]["artist_names"] == [credit]
    assert failed(row["checks"]) == {"credit_searched"}
