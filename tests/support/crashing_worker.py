"""`songnodes run STAGE`, but the process may die at any acknowledged record of a commit.

That is between two records of the steps "outputs", "changelog" and behind them, where random kills from
outside hardly ever hit. Exit code: DEATH.
"""

import os
import sys
from random import SystemRandom
from typing import Any

from songnodes.cli.run import run
from stream_processors.runtime.delivery import changelog
from stream_processors.runtime.delivery import producer as producers

DEATH = 9
CHANCE = 0.015  # per batch of records awaited together; a commit has one per partition of each table
DEEPEST = 12  # records into the batch

_random = SystemRandom()


class DeadlyBatch(producers.DeliveryBatch):
    """Ends the process when the chosen record is acknowledged, if it was chosen to do so at all."""

    __slots__ = ("fatal",)

    def __init__(self) -> None:
        self.fatal = _random.randint(1, DEEPEST) if _random.random() < CHANCE else None
        super().__init__()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "count" and value and value == self.fatal:
            os._exit(DEATH)


def _flush_with_deadly_batch(self: Any, **arguments: Any) -> None:
    _flush(self, **{"batch": DeadlyBatch(), **arguments})


_flush = changelog.StoreFlush.__init__


if __name__ == "__main__":
    producers.DeliveryBatch = DeadlyBatch  # type: ignore[misc]
    changelog.StoreFlush.__init__ = _flush_with_deadly_batch  # type: ignore[method-assign]
    run(sys.argv[1])
