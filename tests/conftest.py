"""Fixtures of all tests: real servers, one database and one namespace per test, the folders of real pages.

A missing server is a failure. Only tests of real material are skipped, where its folder is absent.
"""

import gc
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from infra.embedded.stack import Stack
from songnodes.access import Access
from songnodes.settings import Settings
from tests.support import containers, real_data, scheduling
from tests.support.isolated_pipeline import fresh_settings, migrated_template

#: Times of examples depend on the load of the machine.
hypothesis.settings.register_profile("songnodes", deadline=None)
hypothesis.settings.load_profile("songnodes")

#: Logs of code under test, in the form of structlog before its configuration, but with plain tracebacks:
#: its own highlight the source and print local variables, 0.5 s of processor time for each.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_configure(config: pytest.Config) -> None:
    """Lower the priority of the process that runs while the others wait for servers."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None and scheduling.is_filler(worker["workerid"], worker["workercount"]):
        os.nice(scheduling.FILLER_NICE)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without garbage collections, and leave modules and tests out of all later ones.

    They are 600,000 objects that live as long as the process: to look at all of them took 0.2 to 0.4 s.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of real material, before `-m` selects by marker; sort files by the order of starts."""
    for item in items:
        if real_data.fixtures_of(item):
            item.add_marker(real_data.MARKER)
    scheduling.sort_by_start(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Replace the scheduler of `--dist loadfile`."""
    return scheduling.FilesInStartOrder(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose real material is absent."""
    real_data.require_real_data(item)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real pages and tables."""
    return real_data.real_folder("shared_data")


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """Return the folder of inputs that once went wrong, each with its `expected.md`."""
    return real_data.real_folder("shared_cases")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Kafka, PostgreSQL, Redis and the schema registry, started once for the whole run.

    Servers whose address is set from outside are used as they are; with SONGNODES_TEST_CONTAINERS=1 and a
    container engine all are containers. A test that kills a server makes a stack of its own: others run on
    this one.
    """
    home = Path(tempfile.mkdtemp(prefix="songnodes-tests-"))
    with ExitStack() as contexts:
        outside = contexts.enter_context(containers.compose(home)) if containers.wanted() else None
        stack = Stack(home, outside=outside)
        contexts.callback(stack.discard)
        stack.start(parent=os.getpid())
        yield stack


@pytest.fixture(scope="session")
def addresses(stack: Stack) -> Access:
    """Return the addresses and logins of the servers of this run."""
    return stack.addresses


@pytest.fixture(scope="session")
def template_database(addresses: Access) -> Iterator[str]:
    """Yield the name of a database with all migrations applied, of which each test gets a copy."""
    with migrated_template(addresses) as name:
        yield name


@pytest.fixture
def pipeline_settings(addresses: Access, template_database: str, tmp_path: Path) -> Iterator[Settings]:
    """Yield settings of a pipeline of this test's own: namespace, database and data directory are new.

    Topics are not made yet. Those of the namespace are dropped after the test.
    """
    with fresh_settings(addresses, template_database, tmp_path) as settings:
        yield settings
