"""Sizes of a world."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Counts of what is invented. One set in `strobe_every` plays Strobe at least once."""

    name: str
    sets: int
    tracks: int
    djs: int
    producers: int
    venues: int
    strobe_every: int = 6


SIZES: Mapping[str, Size] = {
    size.name: size
    for size in (
        Size(name="small", sets=60, tracks=260, djs=24, producers=60, venues=12),
        Size(name="demo", sets=400, tracks=1_400, djs=80, producers=260, venues=40, strobe_every=10),
        Size(
            name="large", sets=40_000, tracks=60_000, djs=3_000, producers=9_000, venues=800, strobe_every=40
        ),
    )
}
