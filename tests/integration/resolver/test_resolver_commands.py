"""`merge`, `split` and `links` on ids that exist, that exist nowhere, and that have nothing in common."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from songnodes import cli, decisions
from songnodes.catalogue import UnknownTrack
from songnodes.settings import Settings
from stream_processors.resolver import cli as commands

STROBE = "deadmau5-strobe-0a1b2c3d"
CLUB = "deadmau5-strobe-club-edit-1a1b2c3d"
OPUS = "eric-prydz-opus-2a1b2c3d"

Command = Callable[..., Result]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the decisions that a command sends."""
    sent: list[Any] = []

    def publish(_: object, published: Iterable[Any]) -> int:
        sent.extend(published)
        return len(sent)

    monkeypatch.setattr(decisions, "publish", publish)
    return sent


@pytest.fixture
def command(pipeline_settings: Settings, monkeypatch: pytest.MonkeyPatch, published: list[Any]) -> Command:
    with psycopg.connect(pipeline_settings.database_url, autocommit=True) as connection:
        for track, text in (
            (STROBE, "Deadmau5 - Strobe"),
            (CLUB, "Deadmau5 - Strobe"),
            (OPUS, "E. Prydz - Opus"),
        ):
            connection.execute(
                "INSERT INTO resolver_claims (claim_id, artists, title, version_artists, stem, text) "
                "VALUES (%s, '{}', '', '{}', 'regular', %s)",
                (track, text),
            )
    monkeypatch.setattr(commands, "settings", lambda: pipeline_settings)

    def run(name: str, *arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(cli._load_command(name), list(arguments), input=answer)

    return run


def test_an_id_that_exists_nowhere_is_refused_with_the_nearest(
    command: Command, published: list[Any]
) -> None:
    wrong = "deadmau5-strobe-0a1b2c3e"
    for result in (
        command("merge", STROBE, wrong, "--reason", "x"),
        command("split", wrong, "--reason", "x"),
        command("split", STROBE, wrong, "--reason", "x"),
        command("links", wrong),
    ):
        assert isinstance(result.exception, UnknownTrack), result.output
        assert STROBE in str(result.exception) and "--force" in str(result.exception)
    assert not published


def test_an_id_to_come_is_forced(command: Command, published: list[Any]) -> None:
    assert (
        command("merge", STROBE, "deadmau5-strobe-to-come-0a1b2c3e", "--reason", "x", "--force").exit_code
        == 0
    )
    assert command("links", "a-track-to-come-0a1b2c3e", "--force").exit_code == 0
    assert len(published) == 1


@pytest.mark.parametrize(
    ("options", "answer", "sent"), [((), "", 0), ((), "n\n", 0), ((), "y\n", 1), (("--yes",), "", 1)]
)
def test_a_merge_without_a_common_word_needs_confirmation(
    command: Command, published: list[Any], options: tuple[str, ...], answer: str, sent: int
) -> None:
    result = command("merge", STROBE, OPUS, "--reason", "x", *options, answer=answer)
    assert len(published) == sent
    assert isinstance(result.exception, commands.NotConfirmed) is (sent == 0)


def test_a_merge_with_a_common_word_needs_no_confirmation(command: Command, published: list[Any]) -> None:
    assert command("merge", STROBE, CLUB, "--reason", "x").exit_code == 0
    assert len(published) == 1


def test_lists_for_programs(command: Command) -> None:
    assert json.loads(command("links", "--json").stdout) == {"review": []}
    assert json.loads(command("links", "--sets", "--json").stdout) == {"sets": []}
    links = json.loads(command("links", STROBE, "--json").stdout)
    assert links["canonical_id"] == STROBE
    assert [row["claim_id"] for row in links["members"]] == [STROBE]
