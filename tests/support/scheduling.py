"""Order of test files over the processes of one run, so that all of them end at about the same time."""

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: Paths in the order in which their files start: those that wait longest for servers first. Tests without
#: servers come last: they are many small files, so that all processes end together. The first match counts.
START_ORDER = (
    "tests/faults/",
    "tests/integration/runtime/",
    "tests/e2e/",
    "tests/integration/enrichment/test_worker.py",
    "tests/integration/operations/test_re",
    "tests/integration/security/",
    "tests/integration/infra/",
    "tests/integration/producers/",
    "tests/integration/sinks/",
    "tests/integration/",
    "tests/unit/domain/test_growth.py",
    "tests/unit/stream_processors/",
    "tests/",
)
#: Tests that start no servers.
WITHOUT_SERVERS = "tests/unit/"
#: From this number of processes on, the last one runs only tests without servers, in the time that the others
#: wait for theirs.
MIN_PROCESSES_WITH_FILLER = 4
#: Priority of that process (`nice`): tests of servers go first.
FILLER_NICE = 5
#: All tests below share a pipeline that ran without faults (40 s) and servers that may be killed.
ONE_PROCESS = "tests/faults/"


def start_rank(nodeid: str) -> int:
    """Return the place of a test in the order of starts."""
    return next(rank for rank, prefix in enumerate((*START_ORDER, "")) if nodeid.startswith(prefix))


def sort_by_start(items: list[pytest.Item]) -> None:
    """Sort tests by the order of starts; those of one file stay together and in order."""
    items.sort(key=lambda item: start_rank(item.nodeid))


def is_filler(process: str, processes: int) -> bool:
    """Return True for the process that starts no servers, by its name ("gw3") and the number of processes."""
    return processes >= MIN_PROCESSES_WITH_FILLER and process == f"gw{processes - 1}"


class FilesInStartOrder(LoadScopeScheduling):  # type: ignore[misc]
    """Assign files to processes in the order of the collection, and all tests of faults to one process.

    The last process of four or more gets those without servers only, and ends when none is left.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # by the number of tests: the longest files would start last

    def _split_scope(self, nodeid: str) -> str:
        return ONE_PROCESS if nodeid.startswith(ONE_PROCESS) else nodeid.split("::", 1)[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        if is_filler(node.gateway.id, self.numnodes):
            files = (scope for scope in self.workqueue if scope.startswith(WITHOUT_SERVERS))
            if (file := next(files, None)) is None:
                node.shutdown()
                return
            self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)
