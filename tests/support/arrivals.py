"""Arrivals at a server: the most in any window, and the share of the limit that was used."""

from collections.abc import Sequence


def most_within(arrivals: Sequence[float], seconds: float) -> int:
    """Return the most arrivals within any window that is open at one end."""
    times = sorted(arrivals)
    most = first = 0
    for last, arrival in enumerate(times):
        while times[first] <= arrival - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def share_used(arrivals: Sequence[float], starts: int, seconds: float) -> float:
    """Return the share of the limit used, from the first arrival to that of the last whole window."""
    times = sorted(arrivals)
    windows = (len(times) - 1) // starts
    if not windows:
        return 0.0
    return windows * seconds / (times[windows * starts] - times[0])
