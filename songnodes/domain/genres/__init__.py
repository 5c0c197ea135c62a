"""Genres: the names of providers mapped to one tree (`genres.yaml`), the primary one first."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from songnodes import yaml_text
from songnodes.domain.text import repair

#: A tag of less weight than this share of the strongest one is noise.
MIN_WEIGHT = 0.10
#: More genres say nothing about a track.
MAX_GENRES = 5

_AND = re.compile(r"\s*(?:&|\band\b|\+)\s*")
_BLANKS = re.compile(r"[\s_-]+")
_MUSIC = re.compile(r" music$")
_SLASH = re.compile(r" ?/ ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The genres: `names` by normal form, with and without blanks, aliases included, and the wider genre of
    each that has one."""

    names: Mapping[str, str]
    parents: Mapping[str, str]

    def name(self, text: str) -> str | None:
        """Return the genre that a text names, None for none."""
        normal = _normal(text)
        return self.names.get(normal) or self.names.get(_compact(normal))

    def is_root(self, genre: str) -> bool:
        """Return True for a genre with no wider one, such as electronic."""
        return genre not in self.parents

    def wider(self, genre: str) -> Iterator[str]:
        """Yield the wider genres, from the nearest."""
        while (parent := self.parents.get(genre)) is not None:
            yield parent
            genre = parent


def _normal(text: str) -> str:
    spaced = _AND.sub(" and ", repair(text).casefold())
    return _MUSIC.sub("", _SLASH.sub(" / ", _BLANKS.sub(" ", spaced).strip()))


def _compact(normal: str) -> str:
    """Return a normal form without blanks: catalogues have "TechHouse"."""
    return normal.replace(" ", "")


def _load(text: str) -> Tree:
    raw = yaml_text.load(text)
    parents: dict[str, str] = {}
    names: dict[str, str] = {}

    def add(genres: Mapping[str, Any], parent: str | None) -> None:
        for genre, narrower in genres.items():
            names[_normal(genre)] = genre
            if parent is not None:
                parents[genre] = parent
            add(narrower, genre)

    add(raw["tree"], None)
    for alias, genre in raw["aliases"].items():
        if _normal(genre) not in names:
            raise ValueError(f"genres.yaml: alias {alias} names no genre: {genre}")
        names.setdefault(_normal(alias), genre)
    for normal, genre in list(names.items()):
        names.setdefault(_compact(normal), genre)
    return Tree(names=names, parents=parents)


TREE = _load(resources.files(__package__).joinpath("genres.yaml").read_text("utf-8"))


@lru_cache(maxsize=1 << 12)  # pages repeat few names
def genre_name(text: str) -> str | None:
    """Return the genre of the packaged tree that a text names, None for none."""
    return TREE.name(text)


def map_genres(
    weighted: Iterable[tuple[str, float | None]], *, drop_wide: bool = False, tree: Tree = TREE
) -> tuple[str, ...]:
    """Return the genres of names with weights (0 to 1, None without), at most MAX_GENRES.

    Names that are no genre are left out, and so are weights under MIN_WEIGHT. The order is the provider's,
    with genres of no wider one last: the first is the primary genre. With `drop_wide` the latter are left out
    where a narrower one exists: "Electronic" of a release is no evidence.
    """
    name = genre_name if tree is TREE else tree.name
    genres: dict[str, None] = {}
    for text, weight in weighted:
        genre = name(text) if weight is None or weight >= MIN_WEIGHT else None
        if genre is not None:
            genres[genre] = None
    narrow = [genre for genre in genres if not tree.is_root(genre)]
    wide = [genre for genre in genres if tree.is_root(genre) and not (drop_wide and narrow)]
    return (*narrow, *wide)[:MAX_GENRES]
