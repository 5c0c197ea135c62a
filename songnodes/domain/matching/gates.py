"""What a candidate must not contradict, whatever its score. Only what a provider says can reject.

Without these gates half of the search hits on festival sets were the wrong remix (design/domain.md,
section 4).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from songnodes.domain.credits import over_split
from songnodes.domain.lines import Line
from songnodes.domain.matching.facets import Facets, facets, same_name

#: Milliseconds within which two lengths are one recording's, and beyond which they are two's.
SAME_LENGTH_MS = 2_000
OTHER_LENGTH_MS = 10_000

#: Variants that name no length: Beatport's "Original Mix" is everybody else's plain title.
UNNAMED = frozenset({"regular", "original"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One question to a candidate, and its answer."""

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

    @classmethod
    def of(
        cls,
        line: Line,
        *,
        duration_ms: int | None = None,
        variant: str | None = None,
        remixers: tuple[str, ...] | None = None,
    ) -> "Side":
        """A side of a match; `variant` where something else than the line says it."""
        names = None if remixers is None else tuple(key for name in remixers for key in over_split(name))
        return cls(
            line=line,
            facets=facets(line),
            variant=variant or line.variant,
            duration_ms=duration_ms,
            remixers=names,
        )


def gates(asked: Side, found: Side, *, names_known: bool = True) -> Iterator[Gate]:
    """All gates. `names_known`: False leaves out artists and title, for an id that the page itself gave:
    there other alphabets and catalogues' spellings are no contradiction."""
    yield _recording(found)
    if names_known:
        yield _artists(asked, found)
        yield _numbers(asked, found)
    yield _kind(asked, found)
    yield _version(asked, found)
    yield _stem(asked, found)
    yield _length(asked, found)


def _recording(found: Side) -> Gate:
    cut = "not_a_recording" in found.line.warnings
    return Gate(name="recording", passed=not cut, why="a part of a mix" if cut else "a recording")


def _artists(asked: Side, found: Side) -> Gate:
    ours = asked.facets.artists | asked.facets.featured
    theirs = found.facets.artists | found.facets.featured
    if "?" in found.line.credit or not theirs:
        return Gate(name="artists", passed=True, why="the provider names none")
    common = {one for one in ours for other in theirs if same_name(one, other)}
    main = common & asked.facets.artists or {
        one for one in found.facets.artists for other in ours if same_name(one, other)
    }
    why = f"both name {', '.join(sorted(main))}" if main else "no artist in common"
    return Gate(name="artists", passed=bool(main), why=why)


def _numbers(asked: Side, found: Side) -> Gate:
    ours, theirs = asked.facets.numbers, found.facets.numbers
    why = f"numbers {_list(ours)} and {_list(theirs)}" if ours or theirs else "no numbers"
    return Gate(name="numbers", passed=ours == theirs, why=why)


def _kind(asked: Side, found: Side) -> Gate:
    ours, theirs = asked.line.version_family, found.line.version_family
    told_by_remixers = ours == "remix" and theirs is None and bool(found.remixers)
    passed = ours == theirs or told_by_remixers
    return Gate(name="kind", passed=passed, why=f"{ours or 'plain'} and {theirs or 'plain'}")


def _version(asked: Side, found: Side) -> Gate:
    ours, theirs = asked.facets, found.facets
    said = f"{asked.line.version_text or 'no version'} and {_said(found)}"
    if ours.kinds != theirs.kinds and (theirs.version_names or not found.remixers):
        return Gate(name="version", passed=False, why=said)
    if not ours.version_names:
        hidden = bool(found.remixers) and not _own(found) and not theirs.kinds
        return Gate(name="version", passed=not theirs.version_names and not hidden, why=said)
    own = (*asked.facets.artists, *found.facets.artists)
    passed = _agree(ours.version_names, theirs.version_names, own)
    if not passed and found.remixers:
        passed = _equal(ours.version_names, found.remixers)
    return Gate(name="version", passed=passed, why=said)


def _said(found: Side) -> str:
    text = found.line.version_text or "no version"
    return f"{text} by {', '.join(found.remixers)}" if found.remixers else text


def _own(found: Side) -> bool:
    """The remixers are the artists themselves, so that naming them says nothing."""
    names = found.facets.artists | found.facets.featured
    return all(any(same_name(remixer, name) for name in names) for remixer in found.remixers or ())


def _agree(ours: Iterable[str], theirs: Iterable[str], own: tuple[str, ...]) -> bool:
    """Every name of the shorter list is in the other one: catalogues name the first of several remixers."""
    one, other = sorted((tuple(ours), tuple(theirs)), key=len)
    return bool(one) and all(any(_same_credit(name, known, own) for known in other) for name in one)


def _equal(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    one, other = tuple(ours), tuple(theirs)
    return all(any(same_name(a, b) for b in other) for a in one) and all(
        any(same_name(a, b) for a in one) for b in other
    )


def _same_credit(one: str, other: str, own: tuple[str, ...]) -> bool:
    """One name, or one with the name of the mix behind it: "Bobina" and "Bobina Megadrive".

    Only behind it: "Slave" is not "Radio Slave". In front the track's own artist may stand.
    """
    if same_name(one, other):
        return True
    short, long = sorted((one.split(), other.split()), key=len)
    if long[: len(short)] == short and len("".join(short)) >= 3:
        return True
    rest = len(long) - len(short)
    return long[rest:] == short and "".join(long[:rest]) in own


def _stem(asked: Side, found: Side) -> Gate:
    ours, theirs = asked.line.stem, found.line.stem
    return Gate(name="stem", passed=ours == theirs, why=f"{ours} and {theirs}")


def _length(asked: Side, found: Side) -> Gate:
    """Lengths reject only where both sides name the same variant: plain titles are often edits."""
    apart = length_apart(asked, found)
    if apart is None:
        return Gate(name="length", passed=True, why="not known on both sides")
    named = asked.variant == found.variant and asked.variant not in UNNAMED
    passed = apart <= OTHER_LENGTH_MS or not named
    return Gate(name="length", passed=passed, why=f"{apart / 1000:.1f} s apart")


def length_apart(asked: Side, found: Side) -> int | None:
    """Milliseconds between both lengths; None where one is not known."""
    if asked.duration_ms is None or found.duration_ms is None:
        return None
    return abs(asked.duration_ms - found.duration_ms)


def same_variant(asked: Side, found: Side) -> bool:
    """Both name the same variant, or both name none."""
    return asked.variant == found.variant or {asked.variant, found.variant} <= UNNAMED


def _list(values: tuple[str, ...]) -> str:
    return " ".join(values) or "none"
