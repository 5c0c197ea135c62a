"""Order of test files over the processes of one run, so that all of them end at about the same time."""

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

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
#: All tests below share a pipeline that ran without faults (40 s) and servers that may be killed.
ONE_PROCESS = "tests/faults/"


def start_rank(nodeid: str) -> int:
    """Return the place of a test in the order of starts."""
    return next(rank for rank, prefix in enumerate((*START_ORDER, "")) if nodeid.startswith(prefix))


def sort_by_start(items: list[pytest.Item]) -> None:
    """Sort tests by the order of starts; those of one file stay together and in order."""
    items.sort(key=lambda item: start_rank(item.nodeid))


class FilesInStartOrder(LoadScopeScheduling):  # type: ignore[misc]
    """Assign files to processes in the order of the collection, and all tests of faults to one process."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # by the number of tests: the longest files would start last

    def _split_scope(self, nodeid: str) -> str:
        return ONE_PROCESS if nodeid.startswith(ONE_PROCESS) else nodeid.split("::", 1)[0]
