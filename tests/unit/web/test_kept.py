"""Answers are kept until the next refresh, and no more of them than allowed."""

from web.kept import Kept


class Reader:
    """Returns the number of its reads."""

    reads = 0

    async def __call__(self) -> int:
        self.reads += 1
        return self.reads


async def test_an_answer_is_read_once_per_refresh() -> None:
    kept, read = Kept(), Reader()
    assert [await kept.get("a", "monday", read) for _ in range(3)] == [1, 1, 1]
    assert await kept.get("b", "monday", read) == 2
    assert await kept.get("a", "tuesday", read) == 3
    assert await kept.get("a", "tuesday", read) == 3


async def test_nothing_is_kept_before_the_first_refresh() -> None:
    kept, read = Kept(), Reader()
    assert [await kept.get("a", None, read) for _ in range(2)] == [1, 2]


async def test_the_answer_not_asked_for_longest_is_forgotten() -> None:
    kept, read = Kept(most=2), Reader()
    for question in ("a", "b", "a", "c"):
        await kept.get(question, "monday", read)
    assert await kept.get("a", "monday", read) == 1
    assert await kept.get("b", "monday", read) == 4
