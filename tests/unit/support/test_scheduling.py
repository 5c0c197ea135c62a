"""The longest files start first, and the tests of one file stay in one process."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.project_files import ROOT
from tests.support.scheduling import ONE_PROCESS, START_ORDER, FilesInStartOrder, start_rank

FAULTS = ["tests/faults/test_commits.py::test_a", "tests/faults/test_kills.py::test_a"]
RUNTIME = [f"tests/integration/runtime/test_runtime_worker.py::test_a[{n}]" for n in range(3)]
SINKS = ["tests/integration/sinks/test_sinks_feed.py::test_a"]
UNIT = [f"tests/unit/domain/test_cues.py::test_{n}" for n in range(9)]


class Node:
    """Process of a run that completes no test."""

    shutting_down = False

    def __init__(self, name: str, collection: list[str]) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.received: list[str] = []
        self._collection = collection

    def send_runtest_some(self, indices: list[int]) -> None:
        self.received += [self._collection[index] for index in indices]

    def shutdown(self) -> None:
        self.shutting_down = True


def scheduled(collection: list[str]) -> tuple[list[Node], Any]:
    """Return two nodes after the first distribution, and the scheduler."""
    options = SimpleNamespace(loadscopereorder=True)
    config: Any = SimpleNamespace(option=options, getvalue=lambda _: ["popen", "popen"])
    scheduler: Any = FilesInStartOrder(config)
    nodes = [Node(name, collection) for name in ("gw0", "gw1")]
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, collection)
    scheduler.schedule()
    return nodes, scheduler


def test_files_start_in_the_order_of_the_collection() -> None:
    nodes, scheduler = scheduled([*FAULTS, *RUNTIME, *UNIT])
    assert nodes[0].received == [*FAULTS, *UNIT], "few tests: the next file is assigned at once"
    assert nodes[1].received == RUNTIME
    assert not scheduler.workqueue


def test_tests_of_faults_are_of_one_process() -> None:
    nodes, _ = scheduled([*SINKS, *FAULTS, *RUNTIME])
    assert [set(FAULTS) & set(node.received) for node in nodes] == [set(), set(FAULTS)]


@pytest.mark.parametrize("later", [SINKS[0], UNIT[0], "tests/spec/test_document_examples.py::test_a"])
def test_tests_that_wait_longest_start_first(later: str) -> None:
    assert start_rank(FAULTS[0]) < start_rank(RUNTIME[0]) < start_rank(later)


def test_each_prefix_names_files_and_all_tests_have_a_rank() -> None:
    files = [file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")]
    assert {start_rank(file) for file in files} == set(range(len(START_ORDER)))
    assert any(file.startswith(ONE_PROCESS) for file in files)
