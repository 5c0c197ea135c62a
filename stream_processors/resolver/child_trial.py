"""Work of the resolver in a child process, on a connection of its own, and rolled back."""

import os
from collections.abc import Callable

from songnodes import trial
from stream_processors.resolver.failures import is_unforeseen
from stream_processors.resolver.store import Store


def failure(store: Store, work: Callable[[Store], object], *, errors: bool = False) -> str | None:
    """Return how the work ended child processes, None if it did not. `errors` is that of `trial.failure`."""

    def try_work() -> None:
        try:
            other_store = store.another()
            with other_store.transaction():
                work(other_store)
                os._exit(0)  # nothing is committed
        except Exception as error:
            if is_unforeseen(error):
                raise

    return trial.failure(try_work, errors=errors)
