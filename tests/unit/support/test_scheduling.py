"""The longest files start first, and the tests of one file stay in one process."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.project_files import ROOT
from tests.support.scheduling import ONE_PROCESS, START_ORDER, FilesInStartOrder, is_filler, start_rank

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


def scheduled(collection: list[str], processes: int = 2) -> tuple[list[Node], Any]:
    """Return the nodes after the first distribution, and the scheduler."""
    options = SimpleNamespace(loadscopereorder=True)
    config: Any = SimpleNamespace(option=options, getvalue=lambda _: ["popen"] * processes)
    scheduler: Any = FilesInStartOrder(config)
    nodes = [Node(f"gw{number}", collection) for number in range(processes)]
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


def test_the_last_process_of_four_runs_tests_without_servers_until_none_is_left() -> None:
    servers = [f"tests/integration/sinks/test_{n}.py::test_a[{case}]" for n in range(9) for case in range(3)]
    nodes, scheduler = scheduled([*servers, *UNIT, "tests/unit/test_words.py::test_a"], processes=4)
    assert [set(node.received) <= set(servers) for node in nodes] == [True, True, True, False]
    assert nodes[3].received == UNIT
    for node in nodes:
        for nodeid in list(node.received):
            scheduler.mark_test_complete(node, scheduler.collection.index(nodeid))
    assert nodes[3].received == [*UNIT, "tests/unit/test_words.py::test_a"]
    scheduler.mark_test_complete(nodes[3], len(servers) + len(UNIT))
    assert [node.shutting_down for node in nodes] == [False, False, False, True]
    assert all(file.startswith("tests/integration/") for file in scheduler.workqueue)


def test_a_process_without_servers_ends_at_once_where_all_tests_need_them() -> None:
    nodes, scheduler = scheduled(
        [f"tests/e2e/test_{n}.py::test_a[{case}]" for n in range(9) for case in (1, 2, 3)], 4
    )
    assert [node.shutting_down for node in nodes] == [False, False, False, True]
    assert not nodes[3].received
    assert scheduler.workqueue


@pytest.mark.parametrize(("process", "processes"), [("gw2", 3), ("gw0", 4), ("gw2", 4), ("gw4", 4)])
def test_of_fewer_processes_none_and_of_more_one_runs_only_tests_without_servers(
    process: str, processes: int
) -> None:
    assert not is_filler(process, processes)
    assert is_filler(f"gw{max(3, processes - 1)}", max(4, processes))


@pytest.mark.parametrize("later", [SINKS[0], UNIT[0], "tests/spec/test_document_examples.py::test_a"])
def test_tests_that_wait_longest_start_first(later: str) -> None:
    assert start_rank(FAULTS[0]) < start_rank(RUNTIME[0]) < start_rank(later)


def test_each_prefix_names_files_and_all_tests_have_a_rank() -> None:
    files = [file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")]
    assert {start_rank(file) for file in files} == set(range(len(START_ORDER)))
    assert any(file.startswith(ONE_PROCESS) for file in files)
