"""An artist across all sets and profiles: display name, aliases and ids do not depend on order."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import artists
from songnodes.domain.artist_record import artist_record
from songnodes.domain.artists import ArtistTotal, CreditEntry
from songnodes.domain.credits import PROTECTED, split_lineup
from songnodes.domain.identity import artist_id
from songnodes.domain.text import norm_v1

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


def fact(name: str | None, source: str = "1001tracklists", **changed: Any) -> Any:
    fields = {
        "source": source,
        "version": 1,
        "gone": name is None,
        "name": name,
        "native_id": None,
        "as_dj": True,
        "tracks": [],
        "observed_at": SEEN,
    }
    return {**fields, **changed}


def profile(name: str, source: str, **changed: Any) -> Any:
    fields: dict[str, Any] = {
        "source": source,
        "name": name,
        "native_id": None,
        "country": None,
        "biography": None,
        "links": {},
        "aliases": [],
        "ids": {},
        "observed_at": SEEN,
        "parser_version": 1,
        "content_hash": "0",
    }
    return {**fields, **changed}


def total_of(*facts: Any) -> ArtistTotal:
    total = artists.empty()
    for entry in facts:
        total = artists.apply_credit(total, None, artists.credit_entry(entry))
    return total


def with_profile(total: ArtistTotal, profile_record: Any) -> ArtistTotal:
    return artists.apply_profile(total, profile_record["source"], artists.profile_entry(profile_record))


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ([fact("Sven Väth"), fact("Sven Vath", "mixcloud")], "Sven Väth"),
        ([fact("Sven Vath", "mixesdb")] * 2 + [fact("Sven Väth")], "Sven Vath"),  # 4 votes against 3
        ([fact("Sven Vath", "mixcloud")] * 2 + [fact("Sven Väth", "ra")], "Sven Väth"),
        ([fact("DEADMAU5"), fact("deadmau5")], "DEADMAU5"),  # a tie goes to the smaller text
        ([fact("DEADMAU5", "mixcloud")] * 3 + [fact("deadmau5")], "DEADMAU5"),  # then to more sets
    ],
)
def test_the_spelling_with_most_votes_is_shown(facts: list[Any], name: str) -> None:
    assert artists.display_name(total_of(*facts), "id") == name


def test_artists_own_page_outweighs_the_spellings_of_many_sets() -> None:
    total = with_profile(total_of(*[fact("SVEN VATH")] * 40), profile("Sven Väth", "ra"))
    assert artists.display_name(total, "id") == "Sven Väth"
    many = with_profile(total_of(*[fact("SVEN VATH")] * 60), profile("Sven Väth", "mixcloud"))
    assert artists.display_name(many, "id") == "SVEN VATH"


def test_an_id_is_never_shown_as_a_name() -> None:
    assert artists.display_name(artists.empty(), "sven-vath-66849fb2") == "sven-vath-66849fb2"


def test_ids_and_aliases_are_kept_per_source() -> None:
    total = total_of(fact("Âme", native_id="ame"), fact("Ame", "mixesdb", native_id="ame"))
    ame = profile("Âme", "ra", native_id="ame", aliases=["Frank & Kristian"], ids={"spotify": "3h"})
    record = artist_record("ame-1", 1, with_profile(total, ame), SEEN, "test")

    assert record["native_ids"] == ["1001tracklists:ame", "mixesdb:ame", "ra:ame", "spotify:3h"]
    counted = [(alias["text"], alias["count"]) for alias in record["aliases"]]
    assert counted == [("Ame", 1), ("Âme", 1), ("Frank & Kristian", 0)]
    assert record["name"] == "Âme"


SPELLINGS = st.tuples(st.sampled_from(["Âme", "Ame", "AME", "âme"]), st.sampled_from([*artists.TRUST, "new"]))


@given(st.lists(SPELLINGS, min_size=1, max_size=12), st.data())
def test_order_does_not_matter_and_retractions_leave_nothing(
    spellings: list[tuple[str, str]], data: st.DataObject
) -> None:
    facts = [fact(name, source) for name, source in spellings]
    assert total_of(*facts) == total_of(*data.draw(st.permutations(facts)))
    total = total_of(*facts)
    for entry in data.draw(st.permutations(facts)):
        retraction = artists.credit_entry(fact(None, entry["source"]))
        total = artists.apply_credit(total, artists.credit_entry(entry), retraction)
    assert (total["names"], total["votes"], total["dj_sets"]) == ({}, {}, 0)


def test_entries_without_votes_retract_no_votes() -> None:
    old: CreditEntry = {**artists.credit_entry(fact("Âme")), "trust": 0}
    total: ArtistTotal = {**artists.empty(), "names": {"Âme": 1}, "dj_sets": 1}
    after = artists.apply_credit(total, old, artists.credit_entry(fact("Âme")))
    assert (after["names"], after["votes"]) == ({"Âme": 1}, {"Âme": 3})


@pytest.mark.parametrize(
    ("credits", "names"),
    [
        (["Above & Beyond"], ["Above & Beyond"]),
        (["ame b2b dixon"], ["ame", "dixon"]),
        (
            ["Adam Beyer b2b Ida Engberg b2b Joseph Capriati"],
            ["Adam Beyer", "Ida Engberg", "Joseph Capriati"],
        ),
        (["Above & Beyond b2b Chase & Status"], ["Above & Beyond", "Chase & Status"]),
        (["Carl Cox F2F Fatboy Slim"], ["Carl Cox", "Fatboy Slim"]),
        (["Benny Benassi pres. The Biz"], ["Benny Benassi", "The Biz"]),
    ],
)
def test_b2b_is_several_djs_and_a_group_is_one(credits: list[str], names: list[str]) -> None:
    assert split_lineup(credits) == (tuple(names), True)
    assert len({artist_id(name) for name in names}) == len(names)


@given(st.sampled_from(sorted(PROTECTED)))
def test_protected_names_are_one_artist_whatever_the_case(name: str) -> None:
    assert split_lineup([name.upper()]) == ((name.upper(),), True)
    assert artist_id(name.upper()) == artist_id(name) == artist_id(norm_v1(name))


CREDITS = st.builds(
    lambda name, native_id, source: artists.credit_entry(fact(name, source, native_id=native_id)),
    st.none() | st.sampled_from(["Sven Väth", "Sven Vath"]),
    st.none() | st.sampled_from(["1", "2"]),
    st.sampled_from(["ra", "mixesdb", "unknown"]),
)


@given(st.lists(st.lists(CREDITS, min_size=1, max_size=3), max_size=4))
def test_sums_of_an_artist_are_those_of_the_last_credit_of_each_set(sets: list[list[CreditEntry]]) -> None:
    total = artists.empty()
    for credits in sets:
        for old, new in zip([None, *credits], credits, strict=False):
            total = artists.apply_credit(total, old, new)
    last = [credits[-1] for credits in sets]
    names = Counter(entry["name"] for entry in last if entry["name"] is not None)
    ids = Counter(entry["native_id"] for entry in last if entry["native_id"] is not None)
    votes: Counter[str] = Counter()
    for entry in last:
        votes.update({entry["name"]: entry["trust"]} if entry["name"] is not None else {})
    assert (total["names"], total["native_ids"], total["votes"]) == (names, ids, votes)
