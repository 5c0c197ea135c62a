"""The last lines of logs, and lines appended while they are followed."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.embedded import tail


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P"]), max_size=40)),
    st.integers(0, 12),
    st.booleans(),
)
def test_the_last_lines_are_returned(tmp_path: Path, lines: list[str], count: int, ended: bool) -> None:
    lines = [line for line in lines if line]
    file = tmp_path / "log"
    file.write_text("\n".join(lines) + ("\n" if lines and ended else ""))
    assert tail.last(file, count) == lines[max(0, len(lines) - count) :]


def test_lines_longer_than_a_block_are_returned_whole(tmp_path: Path) -> None:
    long = "x" * (3 * tail.BLOCK)
    (tmp_path / "log").write_text(f"a\n{long}\nb\n")
    assert tail.last(tmp_path / "log", 2) == [long, "b"]


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    assert tail.last(tmp_path / "none", 5) == []


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Return the list of file changes to make, one per sleep of the reader; a further sleep is an error."""
    planned: list[Callable[[], object]] = []
    monkeypatch.setattr(time, "sleep", lambda _: planned.pop(0)())
    return planned


def add(file: Path, text: str) -> None:
    with file.open("a") as stream:
        stream.write(text)


def add_all(texts: Mapping[Path, str]) -> None:
    for file, text in texts.items():
        add(file, text)


def followed(files: dict[str, Path], count: int) -> list[tuple[str, str]]:
    lines: Iterator[tuple[str, str]] = tail.follow(files)
    return list(islice(lines, count))


def test_each_appended_line_is_returned_once_and_complete(
    tmp_path: Path, steps: list[Callable[[], object]]
) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.write_text("old\n")
    steps += [
        lambda: add(first, "new\nhal"),
        lambda: add_all({first: "f\n", second: "first\n"}),
    ]
    assert followed({"one": first, "two": second}, 3) == [("one", "new"), ("one", "half"), ("two", "first")]


def test_a_rotated_file_is_read_from_its_start(tmp_path: Path, steps: list[Callable[[], object]]) -> None:
    file = tmp_path / "log"
    file.write_text("a long line before\n")
    steps += [lambda: file.write_text("after\n")]
    assert followed({"log": file}, 1) == [("log", "after")]
