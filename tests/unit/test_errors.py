"""Each meaning has one exception class."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import combinations

import pytest

from songnodes.errors import NotAcknowledged, UnknownName
from tests.support.error_classes import ErrorClass, error_classes, render
from tests.support.project_files import ROOT

CLASSES = error_classes()
#: Share of common words from which two messages count as one meaning.
SIMILAR = 0.65
STOP_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "be", "by", "in", "is", "it", "its", "of", "or", "so", "the", "to")
)


def duplicates(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def content_words(message: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9_.-]+", message.casefold())) - STOP_WORDS


def twins(messages: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of messages that are equal but for a few words."""
    pairs = combinations(messages, 2)
    return [
        (first, second)
        for first, second in pairs
        if len(content_words(first) & content_words(second))
        >= SIMILAR * max(1, len(content_words(first) | content_words(second)))
    ]


def test_every_class_is_read() -> None:
    names = {error.name for error in CLASSES}
    assert {
        "SongNodesError",
        "PostgresUnreachable",
        "TooManyDeadLetters",
        "DecoyPage",
        "NotEncodable",
    } <= names


def test_no_two_classes_have_one_name() -> None:
    assert not duplicates(error.name for error in CLASSES)


def test_no_two_classes_have_one_message() -> None:
    assert all(error.message for error in CLASSES)
    assert not twins(error.message for error in CLASSES)


def test_no_two_classes_have_one_reason_code() -> None:
    assert not duplicates(error.reason for error in CLASSES if error.reason is not None)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("PostgreSQL does not respond", "PostgreSQL does not respond", True),
        ("Kafka did not acknowledge a page", "Kafka did not acknowledge a letter", True),
        ("The database lacks a table", "The database lacks this table", True),
        ("PostgreSQL does not respond", "Kafka does not respond", False),
    ],
)
def test_messages_that_mean_the_same_are_recognised(first: str, second: str, expected: bool) -> None:
    assert bool(twins([first, second])) == expected


def test_docs_list_all_errors() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    assert page == render(CLASSES), "run `python -m tests.support.error_classes > docs/errors.md`"


def test_a_message_names_input_reason_and_next_step() -> None:
    error = UnknownName("process", "pars", ["parse", "silver"])
    assert str(error) == "The name is unknown: there is no process 'pars'. Use one of: parse, silver"


def test_a_next_step_may_depend_on_the_command() -> None:
    error = NotAcknowledged("timed out", remedy="Run the command again", lost=1)
    assert str(error).endswith("timed out (lost=1). Run the command again")
    assert (error.remedy, error.lost) == ("Run the command again", 1)


def test_a_class_is_described_by_its_source() -> None:
    by_name = {error.name: error for error in CLASSES}
    assert by_name["TooManyDeadLetters"] == ErrorClass(
        name="TooManyDeadLetters",
        base="Fatal",
        message="So many records became dead letters that the process is probably at fault, so it stops",
        path=by_name["TooManyDeadLetters"].path,
        exit_code=65,
        root="Fatal",
    )
