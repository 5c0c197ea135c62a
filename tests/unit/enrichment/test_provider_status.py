"""Status of providers from the shared state, and the command without servers."""

import json
from typing import Any

import pytest
import typer.testing
from pydantic import SecretStr

from enrichment import providers_cli
from enrichment.gateway import account
from enrichment.gateway.account import AccountState, Closed, Wait
from enrichment.gateway.opening import terms_of
from enrichment.gateway.question import Answered
from enrichment.gateway.terms import Terms
from enrichment.provider_status import SharedState, plain, status_of
from enrichment.providers import ALL
from enrichment.types import Classified
from songnodes.cli import _load_command
from songnodes.settings import Settings

NOW = 1_800_000_000.0
SETTINGS: dict[str, Any] = {"contact": "operator@songnodes.example"}


def used_account(starts: int, *outcomes: Classified) -> AccountState:
    """Return the state of Deezer's account after so many starts in a second, then these outcomes."""
    terms = terms_of(ALL["deezer"], Settings(**SETTINGS))
    limits = terms.limits(ALL["deezer"].operations["search"])
    state, slot = AccountState(), None
    for index in range(starts):
        new, slot = account.reserve(state, limits, NOW + index / starts)
        assert new is not None
        assert not isinstance(slot, Closed | Wait)
        state = new
    for outcome in outcomes:
        assert not isinstance(slot, Closed | Wait)
        state = account.record(state, limits, slot, outcome, NOW + 1) or state
    return state


def shared(state: AccountState, now: float = NOW + 1) -> SharedState:
    return SharedState(now=now, accounts={"deezer": state}, cached={"deezer": 7})


def test_budget_cache_and_unverified_fields() -> None:
    status = status_of(ALL["deezer"], Settings(**SETTINGS), shared(used_account(12)))
    assert [(b.used, b.starts, b.seconds) for b in status.budgets] == [(12, 50, 5.0)]
    assert (status.cached, status.is_on, status.has_artists) == (7, True, True)
    assert "bpm" in status.unverified
    assert plain(status)["operations"] == dict.fromkeys(
        ["track_by_isrc", "track_by_id", "search", "album_by_id", "artist_by_id", "artist_search"], 1
    )
    later = status_of(ALL["deezer"], Settings(**SETTINGS), shared(used_account(12), NOW + 60))
    assert later.budgets[0].used == 0


def test_an_open_breaker_is_shown_until_it_closes() -> None:
    quota = Classified(outcome="quota", note="Quota limit exceeded", retry_after_s=600.0)
    state = used_account(1, quota)
    status = status_of(ALL["deezer"], Settings(**SETTINGS), shared(state))
    assert {(b.operation, b.cause) for b in status.breakers} >= {("search", "quota")}
    assert status.breakers[-1].why == "Quota limit exceeded"
    assert not status_of(ALL["deezer"], Settings(**SETTINGS), shared(state, NOW + 1000)).breakers


def test_a_refused_account_is_not_on_and_keeps_the_sentence() -> None:
    refused = Classified(outcome="configuration", note="Spotify refuses access: premium missing")
    status = status_of(ALL["deezer"], Settings(**SETTINGS), shared(used_account(1, refused)))
    assert not status.is_on
    assert plain(status)["why_off"] == "Spotify refuses access: premium missing"
    assert "songnodes providers --check deezer" in plain(status)["remedy"]
    accepted = status_of(ALL["deezer"], Settings(**SETTINGS), shared(used_account(1)))
    assert accepted.is_on and plain(accepted)["remedy"] is None


def test_other_credentials_are_another_account_which_is_asked_at_once() -> None:
    def terms(token: str) -> Terms:
        return terms_of(ALL["beatport"], Settings(beatport_token=SecretStr(token), **SETTINGS))

    search = ALL["beatport"].operations["search"]
    refused = Classified(outcome="configuration", note="Access is refused.")
    state = account.record(AccountState(), terms("old").limits(search), None, refused, NOW)
    assert state is not None
    accounts = {terms("old").account: state}
    for token, is_asked in (("old", False), ("new", True)):
        own = accounts.get(terms(token).account, AccountState())
        later = NOW + 30 * 86_400
        slot = account.reserve(own, terms(token).limits(search), later)[1]
        assert isinstance(slot, account.Slot) == is_asked  # no request by itself, however late


def test_the_command_says_what_to_do_about_a_refused_account(
    without_servers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Classified(outcome="configuration", note="Access is refused.")
    state = shared(used_account(1, refused))
    monkeypatch.setattr(providers_cli, "_shared_state", lambda *_: (state, None))
    text = " ".join(run("deezer").output.split())
    assert "Deezer: Access is refused." in text
    assert "songnodes providers --check deezer" in text and "restart the enrichment" in text


def test_without_the_shared_state_numbers_are_unknown() -> None:
    status = status_of(ALL["spotify"], Settings(**SETTINGS), None)
    assert {budget.used for budget in status.budgets} == {None}
    assert status.cached is None
    assert "policy" in (status.off or "")
    assert status.retention_days == 30


def run(*arguments: str) -> typer.testing.Result:
    return typer.testing.CliRunner().invoke(_load_command("providers"), arguments)


@pytest.fixture
def without_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers_cli, "settings", lambda: Settings(**SETTINGS))


def test_the_command_names_every_provider_and_reason(without_servers: None) -> None:
    text = run().output
    for provider in ALL.values():
        assert provider.title in text
    assert "SONGNODES_BEATPORT_TOKEN" in text
    assert "REDIS_URL" in text  # the reason for which budgets are unknown
    rows = json.loads(run("--json").output)
    assert [row["provider"] for row in rows] == list(ALL)
    assert {row["provider"]: row["on"] for row in rows}["reccobeats"]
    one_row = json.loads(run("--json", "tidal").output)
    assert [row["provider"] for row in one_row] == ["tidal"]
    assert "API description" in one_row[0]["unverified"]["bpm"]


def test_an_unknown_provider_is_refused(without_servers: None) -> None:
    assert isinstance(run("napster").exception, providers_cli.UnknownProvider)


def test_an_answer_that_is_no_hit_ends_with_a_failure(
    without_servers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> dict[str, Answered]:
        return {"deezer": Answered(status="disabled", note="Access is refused.")}

    monkeypatch.setattr("songnodes.servers.reached", lambda *_: None)
    monkeypatch.setattr(providers_cli, "check_providers", refuse)
    monkeypatch.setattr(providers_cli, "_shared_state", lambda *_: (None, None))
    result = run("--check", "deezer")
    assert result.exit_code == 1
    assert "Access is refused." in " ".join(result.output.split())
