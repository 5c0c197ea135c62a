"""Genres of providers, mapped to the tree."""

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from songnodes.domain.genres import MAX_GENRES, TREE, map_genres


def genres(*names: str, drop_wide: bool = False) -> tuple[str, ...]:
    return map_genres([(name, None) for name in names], drop_wide=drop_wide)


@pytest.mark.parametrize(
    ("name", "genre"),
    [
        ("Progressive House", "progressive house"),
        ("Drum & Bass", "drum and bass"),
        ("DnB", "drum and bass"),
        ("drum-and-bass", "drum and bass"),
        ("Techno (Peak Time / Driving)", "peak time techno"),
        ("Melodic House & Techno", "melodic house"),
        ("House Music", "house"),
        ("R&B", "rnb"),
        ("Psy-Trance", "psytrance"),
        ("Synth-pop", "synth pop"),
        ("TechHouse", "tech house"),
        ("Electronica/Downtempo", "electronica"),
        ("Melodic House/Techno", "melodic house"),
        ("Minimal / Deep Tech", "minimal house"),
        ("Hip-Hop/R&B", "hip hop"),
        ("Prog Rock", "progressive rock"),
    ],
)
def test_spellings_of_providers_are_one_genre(name: str, genre: str) -> None:
    assert genres(name) == (genre,)


def test_tags_that_are_no_genre_are_left_out() -> None:
    assert genres("seen live", "favourites", "house", "2009", "deadmau5", "") == ("house",)


def test_the_primary_genre_is_first_and_a_wide_one_last() -> None:
    assert genres("Electronic", "Progressive House", "Electro House") == (
        *("progressive house", "electro house", "electronic"),
    )


def test_a_wide_genre_of_a_release_counts_only_alone() -> None:
    assert genres("Electronic", "Techno", drop_wide=True) == ("techno",)
    assert genres("Electronic", drop_wide=True) == ("electronic",)


def test_light_tags_are_noise() -> None:
    assert map_genres([("house", 1.0), ("techno", 0.1), ("trance", 0.09)]) == ("house", "techno")


def test_there_are_few() -> None:
    assert len(map_genres([(genre, None) for genre in TREE.parents])) == MAX_GENRES


def test_every_genre_maps_to_itself_and_leads_to_a_root() -> None:
    for genre in set(TREE.names.values()):
        assert TREE.name(genre) == genre
        path = [genre, *TREE.wider(genre)]
        assert TREE.is_root(path[-1])
        assert len(path) == len(set(path))


def test_most_genres_of_real_pages_are_in_the_tree(shared_data: Path) -> None:
    styles = Counter(
        name.strip()
        for file in sorted(shared_data.joinpath("dataset/1001tracklists-index").glob("*.json.gz"))
        for entry in json.loads(gzip.decompress(file.read_bytes()))
        for name in (entry.get("styles") or "").split(",")
        if name.strip()
    )
    events = gzip.decompress(shared_data.joinpath("csv/ra/germany_events_2024.csv.gz").read_bytes()).decode()
    listed = Counter(
        name.strip()
        for row in csv.DictReader(io.StringIO(events))
        for name in row["genre"].split(",")
        if name.strip()
    )
    assert share_mapped(styles) > 0.99
    assert share_mapped(listed) > 0.97


def share_mapped(names: Counter[str]) -> float:
    """Return the share of these names, by frequency, that are genres of the tree."""
    return sum(count for name, count in names.items() if TREE.name(name)) / names.total()
