"""The artists that a page links, and which of its links are over a joint credit."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from producers.sources.tracklists1001.shown import Shown
from songnodes.domain.credits import atoms, split_joint_name, take_features
from songnodes.domain.records import RowVersion
from songnodes.domain.text import norm_v1


def names_of_page(names: Iterable[Shown]) -> frozenset[str]:
    """Return the normal forms of all names that a page links alone, as artists or as remixers."""
    linked = (artist.name for name in names for artist in name.artists)
    remixers = (artist for name in names for version in name.versions for artist in version.artists)
    return frozenset(norm_v1(name) for name in (*linked, *remixers) if not _is_joint(name))


def artists(name: Shown, known: AbstractSet[str], *, one_by_one: bool) -> list[str]:
    """Return the artists of a row's credit that the page links, in the order of the credit.

    A link over a joint credit gives none by itself; nor does one with a joining word, on a page that links
    whole credits. Names within it that the page links alone elsewhere are given, if all names between two
    words that always separate are.
    """
    credit = name.artist
    names = [
        artist.name
        for artist in name.artists
        if not _is_joint(artist.name)
        or (one_by_one and split_joint_name(artist.name, known) == (artist.name,))
    ]
    whole = {norm_v1(artist) for artist in names}
    names += [artist for artist in split_joint_name(credit, known) if norm_v1(artist) in known - whole]
    return sorted(dict.fromkeys(names), key=lambda artist: credit.find(artist))


def versions(name: Shown, known: AbstractSet[str]) -> list[RowVersion]:
    """Return the versions that a row marks; links over a joint credit are split."""
    return [
        {
            "text": version.text,
            "artists": [artist for linked in version.artists for artist in split_joint_name(linked, known)],
        }
        for version in name.versions
    ]


def _is_joint(name: str) -> bool:
    """Return True for a name with a word or sign that may join two: "A & B", "A vs. B", "A ft. B"."""
    return len(atoms(name)) > 1 or take_features(name)[1] != ()
