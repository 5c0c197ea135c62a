"""Servers are prepared side by side, the nodes of one cluster one after the other."""

from collections.abc import Callable
from functools import partial
from threading import Barrier
from typing import Any, cast

import pytest

from infra.embedded.server import OnProgress, ignore_progress
from infra.embedded.stack import prepare_together

TIMEOUT_S = 60


class Prepared:
    """A server that does this when it is prepared."""

    def __init__(self, setting: str, act: Callable[[], object]) -> None:
        self.setting = setting
        self._act = act

    def prepare(self, _on_progress: OnProgress) -> None:
        self._act()


def prepare(*servers: Prepared) -> None:
    prepare_together(cast(Any, servers), ignore_progress)


def test_servers_are_prepared_at_the_same_time() -> None:
    barrier = Barrier(2, timeout=TIMEOUT_S)
    prepare(Prepared("kafka_bootstrap", barrier.wait), Prepared("redis_url", barrier.wait))


def test_the_nodes_of_a_cluster_follow_the_first() -> None:
    done: list[int] = []
    nodes = [Prepared("kafka_bootstrap", partial(done.append, number)) for number in range(20)]
    prepare(*nodes, Prepared("redis_url", lambda: None))
    assert done == list(range(20))


def test_the_error_of_one_is_raised_when_all_have_ended() -> None:
    ended: list[str] = []

    def fail() -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        prepare(Prepared("kafka_bootstrap", fail), Prepared("redis_url", lambda: ended.append("redis")))
    assert ended == ["redis"]
