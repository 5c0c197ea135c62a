"""The parser of written lists against the corpus: 60 lists in usual formats, 60 written in advance."""

import pytest

from tests.support import list_corpus

CORPUS = [
    (name, item) for name in ("usual", "held_out", "held_out_second") for item in list_corpus.load(name)
]


@pytest.mark.parametrize(
    ("file", "corpus_list"), CORPUS, ids=[f"{file}: {item.name}" for file, item in CORPUS]
)
def test_a_list_of_the_corpus_is_parsed(file: str, corpus_list: list_corpus.CorpusList) -> None:
    written = corpus_list.read()
    assert tuple(map(list_corpus.actual_row, written.rows)) == corpus_list.rows
    assert list_corpus.warning_codes(written) >= corpus_list.warnings


def test_the_score_counts_a_wrong_row() -> None:
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
