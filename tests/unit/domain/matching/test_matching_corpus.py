"""The labelled corpus: precision and recall of `decide` per class, and their minimum values."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from songnodes.domain.lines import read_line
from songnodes.domain.matching import Candidate, Decision, RequestedTrack, decide

CORPUS = Path(__file__).parents[3] / "corpus"
FILES = ("pairs.yaml", "held_out.yaml", "pairs_hard.yaml", "held_out_hard.yaml", "pairs_unseen.yaml")
Pair = dict[str, Any]


def pairs(name: str) -> list[Pair]:
    loaded: list[Pair] = yaml.load((CORPUS / name).read_text("utf-8"), yaml.CSafeLoader)
    return loaded


def every_pair() -> list[Pair]:
    return [pair for name in FILES for pair in pairs(name)]


def query(pair: Pair) -> RequestedTrack:
    return RequestedTrack(line=read_line(pair["line"]), duration_ms=milliseconds(pair.get("s")))


def candidate(pair: Pair) -> Candidate:
    return Candidate(
        provider=pair["p"],
        name=pair["n"],
        artists=tuple(pair["a"]),
        artists_complete=pair["p"] == "beatport",
        remixers=tuple(pair["r"]) if "r" in pair else None,
        mix_name=pair.get("m"),
        duration_ms=milliseconds(pair.get("d")),
        ids={f"{pair['p']}_id": pair["id"]},
    )


def milliseconds(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    def __str__(self) -> str:
        counted = f"({self.right} right, {self.wrong} wrong)"
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} {counted}"


def rates(judged: list[tuple[Pair, Decision]], *, ids_only: bool) -> Rates:
    """Compare predicted and labelled matches; with `ids_only` only matches of the same recording count."""
    wanted = [pair["is"] == "same" if ids_only else pair["is"] != "no" for pair, _ in judged]
    predicted = [
        decision.scope == "recording" if ids_only else decision.match is not None for _, decision in judged
    ]
    counts = Counter(zip(wanted, predicted, strict=True))
    return Rates(right=counts[True, True], wrong=counts[False, True], missed=counts[True, False])


@pytest.fixture(scope="module")
def judged() -> list[tuple[Pair, Decision]]:
    return [(pair, decide(query(pair), [candidate(pair)])) for pair in every_pair()]


def test_the_corpus_is_large_and_has_no_repeats() -> None:
    all_pairs = every_pair()
    assert len({yaml.dump({**pair, "is": "", "why": ""}) for pair in all_pairs}) == len(all_pairs) >= 1_070
    assert sum(pair.get("about") == "version" for pair in all_pairs) >= 700
    assert {pair["is"] for pair in all_pairs} == {"same", "variant", "no"}


def test_floors_of_precision_and_recall(judged: list[tuple[Pair, Decision]]) -> None:
    all_matches, ids = rates(judged, ids_only=False), rates(judged, ids_only=True)
    versions = rates([(p, d) for p, d in judged if p.get("about")], ids_only=False)
    print(f"\nmatches   {all_matches}\nids       {ids}\nversions  {versions}")
    for name in ("exact", "strong", "medium"):
        of_class = [(pair, decision) for pair, decision in judged if decision.match_class == name]
        right = sum(pair["is"] != "no" for pair, _ in of_class)
        print(f"{name:<9} {right} of {len(of_class)} right")
    for pair, decision in judged:
        if (pair["is"] != "no") is not (decision.match is not None):
            print(f"  {pair['is']} but {decision.outcome}: {pair['line']} | {pair['n']} {pair.get('m', '')}")

    assert all_matches.precision >= 0.98
    assert all_matches.recall >= 0.97
    assert versions.precision >= 0.98
    assert ids.precision >= 0.995
    assert ids.recall >= 0.95


@pytest.mark.parametrize("name", ["pairs_hard.yaml", "held_out_hard.yaml", "pairs_unseen.yaml"])
def test_floors_on_hard_pairs(name: str) -> None:
    decisions = [(pair, decide(query(pair), [candidate(pair)])) for pair in pairs(name)]
    for ids_only in (False, True):
        measured = rates(decisions, ids_only=ids_only)
        assert measured.precision >= 0.99, measured
        assert measured.recall >= 0.97, measured


def test_pairs_of_another_version_never_share_an_id(judged: list[tuple[Pair, Decision]]) -> None:
    wrong = [pair["line"] for pair, decision in judged if pair["is"] == "no" and decision.lends("isrc")]
    assert wrong == []


def test_the_decision_does_not_depend_on_order_or_other_candidates(
    judged: list[tuple[Pair, Decision]],
) -> None:
    """All candidates of a line, forwards and backwards: the same choice, and never a wrong one."""
    by_line: dict[str, list[Pair]] = {}
    for pair, _ in judged:
        by_line.setdefault(pair["line"], []).append(pair)
    several = [group for group in by_line.values() if len(group) > 2]
    assert len(several) > 30
    for group in several:
        forwards = decide(query(group[0]), [candidate(pair) for pair in group])
        backwards = decide(query(group[0]), [candidate(pair) for pair in reversed(group)])
        assert forwards.match == backwards.match
        assert forwards.scope == backwards.scope
        if forwards.match is not None and forwards.outcome == "matched":
            chosen = next(pair for pair in group if candidate(pair) == forwards.match)
            labels = {pair["is"] for pair in group}
            assert chosen["is"] == ("same" if "same" in labels else "variant"), chosen["line"]
