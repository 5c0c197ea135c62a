"""The reader of written lists against the corpus: 60 lists in the usual forms, 40 written before it ran."""

import pytest

from tests.support import list_corpus

#: Shares of rows that are right in every field; see tests/corpus/README.md for the figures of the first run.
FLOORS = {"usual": (0.97, 0.95), "held_out": (0.74, 0.78)}


@pytest.mark.parametrize("name", FLOORS)
def test_rows_of_the_corpus(name: str) -> None:
    score = list_corpus.score(list_corpus.load(name))
    print(f"{name}: {score}, precision {score.precision:.3f}, recall {score.recall:.3f}")
    precision, recall = FLOORS[name]
    assert score.precision >= precision
    assert score.recall >= recall


def test_the_measure_counts_a_wrong_row() -> None:
    corpus_list = next(item for item in list_corpus.load("usual") if item.name == "starts in m:ss")
    broken = list_corpus.CorpusList(
        name="broken",
        text=corpus_list.text.replace("4:10", "4:11"),
        form="description",
        rows=corpus_list.rows,
        warnings=frozenset(),
    )
    assert list_corpus.score([corpus_list]) == list_corpus.Score(right=4, expected=4, read=4)
    assert list_corpus.score([broken]) == list_corpus.Score(right=3, expected=4, read=4)
