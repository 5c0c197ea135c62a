"""Credits: names for people, names for keys, line-ups."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import credits
from songnodes.domain.credits import PROTECTED, over_split, split_credit, split_lineup, take_features
from songnodes.domain.text import norm_v1

NAMES = st.sampled_from(
    [
        "Âme",
        "Above & Beyond",
        "Tyler, The Creator",
        "AC/DC",
        "Malcolm X",
        "ID ID",
        "808 State",
        "Ø [Phase]",
        "W&W",
    ]
)
CONNECTORS = [", ", " & ", " and ", " x ", " X ", " vs. ", " vs ", " + ", " × ", " b2b ", " pres. "]


@pytest.mark.parametrize(
    ("credit", "links", "names", "certain"),
    [
        ("", (), (), True),
        ("Deadmau5", (), ("Deadmau5",), True),
        ("Above & Beyond", (), ("Above & Beyond",), True),
        ("above and beyond", (), ("above and beyond",), True),
        ("AC/DC", (), ("AC/DC",), True),
        ("Tyler, The Creator", (), ("Tyler, The Creator",), True),
        ("Earth, Wind & Fire", (), ("Earth, Wind & Fire",), True),
        ("Dom Dolla & Max Styler", (), ("Dom Dolla & Max Styler",), False),
        ("Dom Dolla & Max Styler", ("Max Styler", "Dom Dolla"), ("Dom Dolla", "Max Styler"), True),
        ("Dom Dolla & Max Styler", ("Max Styler",), ("Dom Dolla", "Max Styler"), True),
        ("A & B & Max Styler", ("Max Styler",), ("A & B", "Max Styler"), False),
        ("Vini Vici vs. Ranji", (), ("Vini Vici", "Ranji"), True),
        ("A b2b B b2b C", (), ("A", "B", "C"), True),
        ("Above & Beyond & Zoë Johnston", (), ("Above & Beyond", "Zoë Johnston"), True),
        ("Pig & Dan vs. A & B", (), ("Pig & Dan", "A & B"), False),
        ("DJ Rolando aka The Aztec Mystic", (), ("DJ Rolando",), True),
        ("A & A", ("A",), ("A",), True),
    ],
)
def test_a_credit_is_split_only_with_evidence(
    credit: str, links: tuple[str, ...], names: tuple[str, ...], certain: bool
) -> None:
    assert split_credit(credit, links=links) == (names, certain)


def test_custom_protected_names_are_not_split() -> None:
    assert split_credit("Foo & Bar", protected={norm_v1("Foo & Bar")}) == (("Foo & Bar",), True)
    assert split_credit("Above & Beyond", protected=()) == (("Above & Beyond",), False)


@given(st.lists(st.tuples(NAMES, st.sampled_from(CONNECTORS)), min_size=1), st.lists(NAMES, max_size=3))
def test_links_are_names_as_protected_ones_are(parts: list[tuple[str, str]], links: list[str]) -> None:
    credit = "".join(name + connector for name, connector in parts)
    protected = PROTECTED.union(map(norm_v1, links))
    assert split_credit(credit, links=links) == split_credit(credit, protected=protected)


@given(
    st.lists(st.sampled_from([*CONNECTORS, " w/", "w/ ", "/", " & ", "・", " ", "A", "x", "vs."])).map(
        "".join
    )
)
def test_only_a_credit_without_any_connector_is_not_searched(credit: str) -> None:
    is_joint = credits._SIGN.search(credit) or credits._MAYBE_WORD.search(credit)
    assert credits._may_be_joint(credit) == bool(is_joint)


def test_every_protected_name_has_a_connector_and_is_not_split() -> None:
    assert len(PROTECTED) > 60
    assert all(split_credit(name)[1] for name in PROTECTED)


@pytest.mark.parametrize(
    ("credit", "main", "featured"),
    [
        ("A ft. B", "A", ("B",)),
        ("A feat B", "A", ("B",)),
        ("A featuring B", "A", ("B",)),
        ("A FEAT. B", "A", ("B",)),
        ("A ft. B vs. C ft. D", "A vs. C", ("B", "D")),
        ("A ft. B ft. C", "A", ("B", "C")),
        ("Draft Left Gift", "Draft Left Gift", ()),
        ("Left", "Left", ()),
        ("50 Ft Queenie", "50 Ft Queenie", ()),
        ("Summer 91 ft. Annaca", "Summer 91", ("Annaca",)),
        ("Corporate Butcher feat", "Corporate Butcher", ()),
        ("Fatman Scoop", "Fatman Scoop", ()),
    ],
)
def test_features_are_found_at_word_boundaries(credit: str, main: str, featured: tuple[str, ...]) -> None:
    assert take_features(credit) == (main, featured)


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.data())
def test_keys_do_not_depend_on_order_or_connectors(names: list[str], data: st.DataObject) -> None:
    def joined(order: list[str]) -> str:
        connectors = [data.draw(st.sampled_from(CONNECTORS)) for _ in order[1:]]
        return "".join(itertools.chain(*zip(order, [*connectors, ""], strict=True)))

    wanted = tuple(sorted(itertools.chain(*map(over_split, names))))
    assert over_split(joined(names)) == wanted
    assert over_split(joined(data.draw(st.permutations(names))).upper()) == wanted


@given(st.text(max_size=20))
def test_keys_are_never_empty_for_a_name(text: str) -> None:
    assert bool(over_split(text)) == bool(norm_v1(text))


@pytest.mark.parametrize(
    ("credit", "keys"),
    [
        ("Fisher (FR)", ("fisher",)),
        ("Dast (Italy) & Mat Zo", ("dast", "mat zo")),
        ("DJ Rolando aka The Aztec Mystic", ("dj rolando",)),
        ("W&W", ("w", "w")),
        ("Maikal X & Bassanova", ("bassanova", "maikal x")),
        ("Axwell /\\ Ingrosso", ("axwell", "ingrosso")),
        ("+/-", ("u2b u2f u2d",)),
    ],
)
def test_keys_of_difficult_credits(credit: str, keys: tuple[str, ...]) -> None:
    assert over_split(credit) == keys


def test_a_line_up_is_split_into_names() -> None:
    assert split_lineup(["Seven Lions", "Habstrakt"]) == (("Seven Lions", "Habstrakt"), True)
    assert split_lineup(["Ame b2b Dixon ft. MC"]) == (("Ame", "Dixon"), True)
    assert split_lineup(["Above & Beyond"]) == (("Above & Beyond",), True)
    assert split_lineup(["A & B", "C"]) == (("A & B", "C"), False)
