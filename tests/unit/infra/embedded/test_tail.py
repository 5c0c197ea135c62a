"""The ends of logs, and what is added to them."""

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
def test_the_last_lines(tmp_path: Path, lines: list[str], count: int, ended: bool) -> None:
    lines = [line for line in lines if line]
    file = tmp_path / "log"
    file.write_text("\n".join(lines) + ("\n" if lines and ended else ""))
    assert tail.last(file, count) == lines[max(0, len(lines) - count) :]


def test_lines_longer_than_a_block(tmp_path: Path) -> None:
    long = "x" * (3 * tail.BLOCK)
    (tmp_path / "log").write_text(f"a\n{long}\nb\n")
    assert tail.last(tmp_path / "log", 2) == [long, "b"]


def test_no_file_no_lines(tmp_path: Path) -> None:
    assert tail.last(tmp_path / "none", 5) == []


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens to the files while the reader pauses, one step per pause; then it must not pause again."""
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


def test_added_lines_come_once_each_and_whole(tmp_path: Path, steps: list[Callable[[], object]]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("old\n")
    steps += [
        lambda: add(one, "new\nhal"),
        lambda: add_all({one: "f\n", two: "first\n"}),
    ]
    assert followed({"one": one, "two": two}, 3) == [("one", "new"), ("one", "half"), ("two", "first")]


def test_a_rotated_file_is_read_from_its_start(tmp_path: Path, steps: list[Callable[[], object]]) -> None:
    file = tmp_path / "log"
    file.write_text("a long line before\n")
    steps += [lambda: file.write_text("after\n")]
    assert followed({"log": file}, 1) == [("log", "after")]
