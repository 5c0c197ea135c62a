"""Gates: contradictions that reject a candidate, whatever its score. Missing data never reject.

Without these gates half of the search hits on festival sets were the wrong remix (docs/domain.md, section 4).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from msgspec import structs

from songnodes.domain.credits import over_split
from songnodes.domain.lines import Line
from songnodes.domain.matching.facets import (
    Facets,
    facets,
    numbers,
    same_name,
    same_text,
    subtitle_left_out,
)
from songnodes.domain.text import norm_v1

#: Milliseconds within which two lengths are one recording's, and beyond which they are two's.
SAME_LENGTH_MS = 2_000
OTHER_LENGTH_MS = 10_000

#: How far two version notes name one version.
Agreement = Literal["whole", "partial", "none"]

#: Variants that name no length: Beatport's "Original Mix" is everybody else's plain title.
UNNAMED = frozenset({"regular", "original"})
#: Variants with the length of their original, so that a length cannot distinguish them.
SAME_LENGTH = frozenset({"remaster", "clean"})

_BY = re.compile(r"\s+(?:by|por|par|von|di|door)\s+.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One test of a candidate, and its outcome."""

    name: str
    passed: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A line with all that the gates and the score look at."""

    line: Line
    facets: Facets
    variant: str
    duration_ms: int | None = None
    remixers: tuple[str, ...] | None = None
    artists_complete: bool = True

    @classmethod
    def of(
        cls,
        line: Line,
        *,
        duration_ms: int | None = None,
        variant: str | None = None,
        remixers: tuple[str, ...] | None = None,
        artists_complete: bool = True,
    ) -> "Side":
        """Return a side of a match; `variant` where it is known from other data than the line."""
        names = None if remixers is None else tuple(key for name in remixers for key in over_split(name))
        return cls(
            line=line,
            facets=facets(line),
            variant=variant or line.variant,
            duration_ms=duration_ms,
            remixers=names,
            artists_complete=artists_complete,
        )

    def named_by(self, remixers: tuple[str, ...] | None) -> "Side":
        """Return the side with "(Zed)" read as a version by Zed, if `remixers`, of the provider, has Zed."""
        *subtitles, last = self.line.other_tokens or ("",)
        names = over_split(last)
        if self.line.version_family or not remixers or not names:
            return self
        if not all(any(same_name(name, remixer) for remixer in remixers) for name in names):
            return self
        line = structs.replace(
            self.line,
            other_tokens=tuple(subtitles),
            version_family="remix",
            version_text=last,
            version_keys=names,
        )
        return replace(self, line=line, facets=facets(line))


def gates(query: Side, hit: Side, *, names_known: bool = True) -> Iterator[Gate]:
    """Yield all gates. `names_known`: False leaves out artists and title, for an id from the page itself:
    there other alphabets and catalogues' spellings are no contradiction."""
    query, hit = query.named_by(hit.remixers), hit.named_by(hit.remixers)
    yield _recording(hit)
    if names_known:
        yield _artists(query, hit)
        yield _numbers(query, hit)
        yield _guests(query, hit)
    yield _kind(query, hit)
    yield _version(query, hit)
    yield _stem(query, hit)
    yield _length(query, hit)


def _recording(hit: Side) -> Gate:
    cut = "not_a_recording" in hit.line.warnings
    return Gate(name="recording", passed=not cut, why="a part of a mix" if cut else "a recording")


def _artists(query: Side, hit: Side) -> Gate:
    ours = query.facets.artists | query.facets.featured
    theirs = hit.facets.artists | hit.facets.featured
    if "?" in hit.line.credit or not theirs:
        return Gate(name="artists", passed=True, why="the provider names none")
    common = {name for name in ours for their_name in theirs if same_name(name, their_name)}
    main = common & query.facets.artists or {
        name for name in hit.facets.artists for our_name in ours if same_name(name, our_name)
    }
    why = f"both name {', '.join(sorted(main))}" if main else "no artist in common"
    return Gate(name="artists", passed=bool(main), why=why)


def _numbers(query: Side, hit: Side) -> Gate:
    if same_text(query.facets, hit.facets):
        return Gate(name="numbers", passed=True, why="one text")
    if subtitle_left_out(query.facets, hit.facets):
        return Gate(name="numbers", passed=True, why="a subtitle left out")
    ours, theirs = numbers(query.facets.title), numbers(hit.facets.title)
    why = f"numbers {_list(ours)} and {_list(theirs)}" if ours or theirs else "no numbers"
    return Gate(name="numbers", passed=ours == theirs, why=why)


def _guests(query: Side, hit: Side) -> Gate:
    """Editions of a song with other guests have other lengths, and are other recordings. Two variants have
    other lengths by themselves."""
    names = query.facets.artists | hit.facets.artists
    ours, theirs = len(query.facets.featured - names), len(hit.facets.featured - names)
    apart = length_apart(query, hit)
    far = apart is not None and apart > OTHER_LENGTH_MS
    alike = same_variant(query, hit) or bool(ours and theirs)
    passed = not (ours != theirs and far and alike)
    return Gate(name="guests", passed=passed, why=f"{ours} and {theirs} guests")


def _kind(query: Side, hit: Side) -> Gate:
    ours, theirs = query.line.version_family, hit.line.version_family
    named_by_remixers = ours == "remix" and theirs is None and bool(hit.remixers)
    passed = ours == theirs or named_by_remixers or same_text(query.facets, hit.facets)
    return Gate(name="kind", passed=passed, why=f"{ours or 'plain'} and {theirs or 'plain'}")


def _version(query: Side, hit: Side) -> Gate:
    agreement = version_agreement(query, hit)
    why = f"{query.line.version_text or 'no version'} and {_version_shown(hit)}"
    return Gate(name="version", passed=agreement != "none", why=why)


def version_agreement(query: Side, hit: Side) -> Agreement:
    """Return the agreement of two versions: of their artists, and of their kinds ("club", "2014")."""
    ours, theirs = query.facets, hit.facets
    named_by_remixers = bool(hit.remixers) and not theirs.version_names
    if _one_text(query, hit) or _one_mix(query.line, hit.line):
        return "whole"
    if ours.kinds != theirs.kinds and not (named_by_remixers and not theirs.kinds):
        return "none"
    own = ours.artists | theirs.artists
    foreign = [
        name for name in (*ours.version_names, *theirs.version_names) if name.replace(" ", "") not in own
    ]
    if ours.kinds and not foreign:  # "Pure Mix" of Solarstone is his own "Solarstone Pure Mix"
        return "whole"
    if not ours.version_names:
        hidden = named_by_remixers and not _own(hit) and not theirs.kinds
        return "none" if theirs.version_names or hidden else "whole"
    named = theirs.version_names or hit.remixers or ()
    # "Basement Dub" is "Zed Basement Dub" where the provider names Zed as the remixer
    fronts = own.union(name.replace(" ", "") for name in hit.remixers or ())
    agreement = _agreement(ours.version_names, named, fronts)
    if agreement == "none" and hit.remixers and _equal(ours.version_names, hit.remixers):
        return "whole"
    return agreement


def _one_text(query: Side, hit: Side) -> bool:
    """Return True for texts equal to the letter, unless neither names the provider's remixers."""
    if not same_text(query.facets, hit.facets):
        return False
    unread = not query.line.version_family and not hit.line.version_family
    text = f" {query.facets.text} "
    named = all(f" {name} " in text or f" {name}s " in text for name in hit.remixers or ())
    return not unread or named or _own(hit)


def _one_mix(ours: Line, theirs: Line) -> bool:
    """Return True for "Night Dub" and "Night Dub By Zed": the name of the mix is one, one side leaves out who
    made it. A word of making alone names no mix."""
    left, right = (_BY.sub("", line.version_text or "") for line in (ours, theirs))
    by_one_only = (left != ours.version_text) != (right != theirs.version_text)
    return by_one_only and norm_v1(left) == norm_v1(right) and " " in left.strip()


def _version_shown(hit: Side) -> str:
    text = hit.line.version_text or "no version"
    return f"{text} by {', '.join(hit.remixers)}" if hit.remixers else text


def _own(hit: Side) -> bool:
    """Return True if the remixers are the artists themselves: naming them is no evidence."""
    names = hit.facets.artists | hit.facets.featured
    return all(any(same_name(remixer, name) for name in names) for remixer in hit.remixers or ())


def _agreement(ours: tuple[str, ...], theirs: tuple[str, ...], own: frozenset[str]) -> Agreement:
    """Return the agreement of two lists of names.

    `whole` where the names are equal, or one list is within the other: catalogues often name the first of
    several remixers. `partial` where a name goes on ("Bobina" and "Bobina Megadrive"), or the provider names
    more remixers than the line.
    """
    if "".join(sorted(" ".join(ours).split())) == "".join(sorted(" ".join(theirs).split())):
        return "whole"
    short, long = sorted((ours, theirs), key=len)
    if not short:
        return "none"
    if all(any(_same_credit(name, longer, own) for longer in long) for name in short):
        return "partial" if len(theirs) > len(ours) else "whole"
    if all(any(_goes_on(name, longer) for longer in long) for name in short):
        return "partial"
    return "none"


def _equal(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return all(any(same_name(a, b) for b in theirs) for a in ours) and all(
        any(same_name(a, b) for a in ours) for b in theirs
    )


def _same_credit(one: str, other: str, own: frozenset[str]) -> bool:
    """Compare one name; the track's own artist may precede it: "Cosmic Gate Third Contact"."""
    if same_name(one, other):
        return True
    short, long = sorted((one.split(), other.split()), key=len)
    rest = len(long) - len(short)
    return long[rest:] == short and "".join(long[:rest]) in own


def _goes_on(one: str, other: str) -> bool:
    """Return True if the longer text begins with the whole words of the shorter one: "Slave" is not "Radio
    Slave"."""
    short, long = sorted((one.split(), other.split()), key=len)
    return long[: len(short)] == short and len("".join(short)) >= 3


def _stem(query: Side, hit: Side) -> Gate:
    ours, theirs = query.line.stem, hit.line.stem
    return Gate(name="stem", passed=ours == theirs, why=f"{ours} and {theirs}")


def _length(query: Side, hit: Side) -> Gate:
    """Lengths reject only where both sides name the same variant: plain titles are often edits."""
    apart = length_apart(query, hit)
    if apart is None:
        return Gate(name="length", passed=True, why="not known on both sides")
    named = query.variant == hit.variant and query.variant not in UNNAMED
    passed = apart <= OTHER_LENGTH_MS or not named
    return Gate(name="length", passed=passed, why=f"{apart / 1000:.1f} s apart")


def length_apart(query: Side, hit: Side) -> int | None:
    """Return the milliseconds between both lengths; None where one is not known."""
    if query.duration_ms is None or hit.duration_ms is None:
        return None
    return abs(query.duration_ms - hit.duration_ms)


def same_variant(query: Side, hit: Side) -> bool:
    """Return True if both name the same variant, or both name none."""
    return query.variant == hit.variant or {query.variant, hit.variant} <= UNNAMED


def _list(values: tuple[str, ...]) -> str:
    return " ".join(values) or "none"
