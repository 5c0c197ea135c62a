"""Tasks under way: those that ended are dropped, and the error of one that failed is raised."""

import asyncio

from songnodes.errors import Transient


class TrackCancelled(Transient):
    """The enrichment of a track was cancelled while the worker runs"""


def raise_first(under_way: set[asyncio.Task[None]]) -> None:
    """Drop the tasks that ended; raise the error of one that failed.

    Only the stop of the worker cancels tasks. A cancellation passed on from here would end the work on this
    topic without an error, and the process would go on with the others.
    """
    ended = [task for task in under_way if task.done()]
    under_way.difference_update(ended)
    if any(task.cancelled() for task in ended):
        raise TrackCancelled
    errors = [task.exception() for task in ended]  # of all: asyncio logs those that nobody retrieved
    for error in filter(None, errors):
        raise error
