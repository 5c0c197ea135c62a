"""Preferences of a reader, and addresses made of hostile ids."""

from datetime import date
from urllib.parse import unquote

import pytest

from queries.addresses import web_address
from songnodes.domain.keys import ALL, read_key
from web import links, preferences
from web.preferences import CHOICES, COOKIE, Preferences


def test_each_notation_is_read_back_as_the_same_key() -> None:
    for notation in CHOICES["keys"]:
        shown = [Preferences(keys=notation).key(key.camelot) for key in ALL]
        assert [read_key(text) for text in shown] == list(ALL)
    assert Preferences(keys="classic").key("8A") == "Am"
    assert Preferences(keys="open").key("8A") == "1m"
    assert Preferences().key_names("8A") == "A minor, Camelot 8A, Open Key 1m"


def test_dates_and_signs() -> None:
    day = date(2026, 3, 1)
    shown = [Preferences(dates=form).day(day) for form in CHOICES["dates"]]
    assert shown == ["2026-03-01", "1 Mar 2026", "Mar 1, 2026"]
    signed = [Preferences.signed(value) for value in (1, -1.26, 0, -0.01)]
    assert signed == ["+1.0", "\u22121.3", "0.0", "0.0"]


def test_the_cookie_has_the_choices_and_ignores_what_is_none() -> None:
    choices = preferences.chosen({"keys": "open", "dates": "month_first", "theme": "<script>"})
    assert choices == Preferences(keys="open", dates="month_first")
    assert preferences.read({COOKIE: choices.cookie}) == choices
    for hostile in ("", "keys=", "keys=%00&&&=", "\x00" * 5000, "keys=open" + "&a=b" * 500):
        assert preferences.read({COOKIE: hostile}).theme == "system"


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "", "evil", "/a\nb", "/" + "a" * 5000],
)
def test_a_form_returns_to_this_site_only(address: str) -> None:
    assert preferences.local_address(address) == "/"
    assert preferences.local_address("/tracks/a%2Fb?x=1#y") == "/tracks/a%2Fb?x=1#y"


def test_an_id_is_one_part_of_an_address() -> None:
    hostile = "../a b/?x=<\"'>&#é%2F"
    for address in (links.track, links.playlist, links.artist, links.label):
        _, _, part = address(hostile).removeprefix("/").partition("/")
        assert "/" not in part
        assert unquote(part) == hostile
    assert links.explorer(["a&b", "c"], ["d"], "R&B") == "/explorer?chain=a%26b&track=c&pin=d&genre=R%26B"
    assert links.explorer([]) == "/explorer"


def test_only_addresses_of_the_web_are_linked() -> None:
    kept = ["https://a.example/x", "http://a.example", "https://a.example/é?q=%20#x"]
    refused = ["javascript:alert(1)", "data:text/html,x", "//a.example", "https:", "http://[", "", None]
    refused += [
        "https://a.example/ x",
        " https://a.example",
        "https://a.example/\x1b",
        "https://a.example/\ud800",
    ]
    assert [web_address(address) for address in (*kept, *refused)] == [*kept, *([None] * len(refused))]
