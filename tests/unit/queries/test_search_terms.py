"""Words of names and queries, and misspelled words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from queries.search import KINDS, ts_query
from songnodes.domain import search_terms
from songnodes.domain.search_terms import alike, deletions, max_edits, query_parts, words

WORDS = st.text(alphabet="abc1", min_size=1, max_size=11)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Strobe (Lane 8 Remix)", {"strobe", "lane", "8", "remix"}),
        ("AC/DC", {"ac", "dc", "acdc"}),
        ("Âme", {"ame"}),
        ("Björk & Røyksopp", {"bjork", "and", "royksopp"}),
        ("A$AP Rocky", {"asap", "rocky"}),
        ("東京", {"dongjing"}),
        ("Кино", {"kino"}),
        ("!!!", {"u21", "u21u21u21"}),
        ("", set()),
    ],
)
def test_words_of_names(name: str, expected: set[str]) -> None:
    assert set(words([name])) == expected


def test_words_of_a_long_name_are_bounded() -> None:
    many = words([" ".join(f"w{number}" for number in range(500)), "x" * 5000])
    assert len(many) == search_terms.MAX_WORDS
    assert max(map(len, words(["x" * 5000]))) == search_terms.MAX_WORD_LENGTH


@given(st.text(max_size=60))
def test_a_name_is_found_by_itself(name: str) -> None:
    indexed = set(words([name]))
    for part in query_parts(name):
        assert any(set(way) <= indexed for way in part)


@given(WORDS, WORDS)
def test_alike_words_share_a_form(word: str, other: str) -> None:
    if OSA.distance(word, other) <= max_edits(word):
        assert word == other or set(deletions(word)) & set(deletions(other))


@given(WORDS, st.lists(WORDS, max_size=20))
def test_alike_words_are_within_the_edits(word: str, candidates: list[str]) -> None:
    near = alike(word, candidates)
    assert all(OSA.distance(word, similar) <= max_edits(word) for similar in near)
    assert word not in near
    assert len(near) <= 4


def test_misspelled_words() -> None:
    assert alike("deadmaus", ["deadman", "dead", "deadmau5"]) == ("deadmau5", "deadman")
    assert alike("strobw", ["strobe", "stroke", "globe"]) == ("strobe",)
    assert alike("abc", ["abd"]) == ()


@given(st.text(max_size=40))
def test_no_text_makes_an_operator(text: str) -> None:
    query = ts_query(query_parts(text) or ((("x",),),), ("track",), "HIGH")
    assert set(query) <= set("abcdefghijklmnopqrstuvwxyz0123456789'|&() :*TRACKHIGH")


def test_a_query_has_all_parts_and_the_last_word_is_a_prefix() -> None:
    assert ts_query(query_parts("ac/dc thu"), KINDS, None) == ("(('ac' & 'dc') | ('acdc')) & (('thu':*))")
    assert ts_query(query_parts("a"), ("artist",), "MEDIUM") == "(('a')) & ('ARTIST') & ('MEDIUM')"
