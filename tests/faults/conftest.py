"""Servers that may be killed, and the run without faults that all others are compared with."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.stack import Stack
from songnodes.access import Access
from tests.support import scenario
from tests.support.isolated_pipeline import fresh_settings, migrated_template
from tests.support.pipeline import NewPipeline, Outcome, Pipeline
from tests.support.scenario import Scenario

SEED = 20_260_301
#: 100 saved pages, some 1,800 rows: enough that every kind of fault hits work in progress.
PAGES, SAVINGS = 20, 5
COMMIT = 0.3


@pytest.fixture(scope="session")
def fragile() -> Iterator[Stack]:
    """Yield a stack of its own, always embedded: its servers are killed."""
    home = Path(tempfile.mkdtemp(prefix="songnodes-faults-"))
    stack = Stack(home, outside={})
    try:
        stack.start(parent=os.getpid())
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def new_pipeline(fragile: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewPipeline]:
    """Yield a function that opens pipelines on the fragile stack, each with a namespace of its own."""

    with migrated_template(fragile.addresses) as template:

        @contextmanager
        def new(**changes: Any) -> Iterator[Pipeline]:
            with opened(fragile.addresses, template, tmp_path_factory.mktemp("faults"), changes) as pipeline:
                yield pipeline

        yield new


@contextmanager
def opened(addresses: Access, template: str, home: Path, changes: dict[str, Any]) -> Iterator[Pipeline]:
    """Open a pipeline whose workers commit often."""
    quick = {"commit_interval": COMMIT, **changes}
    with fresh_settings(addresses, template, home, **quick) as settings, Pipeline(settings) as pipeline:
        yield pipeline


@pytest.fixture(scope="session")
def fed() -> Scenario:
    """Return the records that every pipeline here is fed."""
    return scenario.write(SEED, pages=PAGES, savings=SAVINGS)


@pytest.fixture(scope="session")
def undisturbed(new_pipeline: NewPipeline, fed: Scenario) -> tuple[Outcome, Outcome]:
    """Return the outcomes without faults: for pages in the same order, and for pages in any order."""
    with new_pipeline() as pipeline:
        pipeline.feed(fed)
        pipeline.start()
        pipeline.drain()
        pipeline.check()
        return pipeline.concluded(), pipeline.outcome(any_order=True)
