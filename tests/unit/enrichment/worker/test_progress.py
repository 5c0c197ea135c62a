"""Offsets that are committed: never past a record that is not finished."""

from hypothesis import given
from hypothesis import strategies as st

from enrichment.worker.progress import Progress
from songnodes.messaging.log_offsets import Partition

A, B = Partition("requests", 0), Partition("requests", 1)


def test_a_record_holds_back_those_after_it() -> None:
    progress = Progress()
    for offset in (4, 5, 7):
        progress.begin(A, offset)
    progress.begin(B, 0)
    assert progress.advanced() == {A: 4, B: 0}
    progress.finish(A, 5)
    progress.finish(B, 0)
    assert progress.advanced() == {B: 1}
    progress.finish(A, 4)
    assert (progress.advanced(), progress.under_way()) == ({A: 7}, 1)
    progress.finish(A, 7)
    assert (progress.advanced(), progress.advanced()) == ({A: 8}, {})


def test_records_of_a_revoked_partition_commit_nothing() -> None:
    progress = Progress()
    progress.begin(A, 4)
    progress.forget()
    progress.finish(A, 4)
    assert progress.advanced() == {}


@given(st.permutations(range(12)), st.integers(0, 12))
def test_any_order_commits_the_finished_prefix(order: list[int], finished: int) -> None:
    progress = Progress()
    for offset in range(12):
        progress.begin(A, offset)
    for offset in order[:finished]:
        progress.finish(A, offset)
    unfinished = set(order[finished:])
    assert progress.advanced() == {A: min(unfinished, default=12)}
