"""Invented people: as many as a world needs, no two whose names could be taken for one another."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from random import Random

from demo import names
from demo.world.sizes import Size

#: Names that are hard to read: a number first, one letter, commas, slashes, words that mean something else.
AWKWARD = (
    "909 Parish",
    "Q",
    "Tilda, The Cartographer",
    "AM/FM Parade",
    "Ø Kollektiv",
    "Radio Silex",
    "Club Paradoks",
    "Edit Murray",
    "Night & Quarry",
    "Xavier X",
    "Łukasz Mróz",
    "Café Noctua",
    "Gift Left",
    "Søren Vilk",
    "J.P.R.",
    "Ирина Полева",
    "Telegraph Hill Choir",
    "DJ Palimpsest",
)
ONSETS = (
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "v",
    "z",
)
VOWELS = ("a", "e", "i", "o", "u", "ae", "ia", "ou")
CODAS = ("", "", "l", "n", "r", "s", "th", "x", "nd", "rk", "sk", "m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people of a world. The first third of the DJs are producers too."""

    djs: tuple[str, ...]
    producers: tuple[str, ...]
    singers: tuple[str, ...]

    @property
    def producing_djs(self) -> tuple[str, ...]:
        """DJs who make tracks, and play them."""
        return self.djs[: len(self.djs) // 3]


def cast(random: Random, size: Size) -> Cast:
    """Return the people of a world."""
    used: set[str] = set()
    real_names = (*names.PRODUCERS, *names.DJS)
    fresh = _unlike(chain(AWKWARD, random.sample(real_names, len(real_names)), _invented(random)), used)
    producers = [next(fresh) for _ in range(size.producers)]
    djs = [next(fresh) for _ in range(size.djs - 2)]
    djs[3:3] = ["Night & Day Bureau", "Anja & Piet"]  # one act each, despite the "&"
    singers = [next(fresh) for _ in range(max(6, size.producers // 12))]
    return Cast(djs=tuple(djs), producers=tuple(producers), singers=tuple(singers))


def normalize(name: str) -> str:
    """Return letters and digits without accents and case: no two names share this form."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in folded if character.isalnum())


def _unlike(candidates: Iterator[str], used_names: set[str]) -> Iterator[str]:
    for name in candidates:
        if normalize(name) not in used_names:
            used_names.add(normalize(name))
            yield name


def _invented(random: Random) -> Iterator[str]:
    while True:
        draw = random.random()
        if draw < 0.06:
            yield f"DJ {_word(random)}"
        elif draw < 0.18:
            yield f"{_word(random)}{_word(random).lower()}"
        else:
            yield f"{_word(random)} {_word(random)}"


def _word(random: Random) -> str:
    syllables = (f"{random.choice(ONSETS)}{random.choice(VOWELS)}" for _ in range(random.choice((1, 2, 2))))
    return ("".join(syllables) + random.choice(CODAS)).capitalize()
