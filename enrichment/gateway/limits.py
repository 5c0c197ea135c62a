"""Rule "log of starts": the earliest start of a request that exceeds no window. Pure.

Times are seconds since 1970 by one clock that all processes share (Redis's). A start is reserved before the
request is sent and counts from then on, sent or not. A window with few starts is kept exactly; for one with
many, starts are counted in parts of it, and a part counts until the whole of it has left the window.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from enrichment.types import Window

#: Seconds added to every window: a request may be sent LATENESS_S after its start, and the way to the server
#: may take the rest longer than that of the request a window before. 98.5 % of one start a second remain.
MARGIN_S = 0.015
#: Windows with at most so many starts are kept exactly.
EXACT_STARTS = 128
#: Longer windows are budgets: an outage of Redis holds up their starts only where the log is unknown.
MAX_HOLD_S = 60.0
#: Parts of a window that is counted: 99 % of its starts can be used.
PARTS = 128


class StartLog(msgspec.Struct, frozen=True, kw_only=True):
    """Reserved starts: the newest ones, sorted, and counts by window (its seconds) and number of the part."""

    recent: tuple[float, ...] = ()
    counts: Mapping[str, Mapping[int, int]] = msgspec.field(default_factory=dict)


def next_start(log: StartLog, windows: Sequence[Window], now: float) -> float:
    """Return the earliest start, from `now` on, that exceeds no window; infinite for a window of none.

    Starts are in order: it is not before the newest one in the log.
    """
    start = max(now, log.recent[-1]) if log.recent else now
    for window in windows:
        rule = _exact_start if _is_exact(window) else _counted_start
        start = max(start, rule(log, window, start))
    return start


def add_start(log: StartLog, windows: Sequence[Window], start: float) -> StartLog:
    """Return the log with a start that `next_start` returned, and without those that no longer matter."""
    oldest = start - max((_span(window) for window in windows if _is_exact(window)), default=0.0)
    recent = (*(time for time in log.recent if time > oldest), start)
    counts = {_name(window): _counted(log, window, start) for window in windows if not _is_exact(window)}
    return StartLog(recent=recent, counts=counts)


def remove_start(log: StartLog, windows: Sequence[Window], start: float) -> StartLog:
    """Return the log without a start that was not used, to add a later one.

    An earlier one may be too much: starts that mattered for it are no longer in the log.
    """
    index = bisect_left(log.recent, start)
    if index == len(log.recent) or log.recent[index] != start:
        return log
    counts = {name: dict(parts) for name, parts in log.counts.items()}
    for window in windows:
        part = _part(window, start)
        if counts.get(_name(window), {}).get(part):
            counts[_name(window)][part] -= 1
    return StartLog(recent=log.recent[:index] + log.recent[index + 1 :], counts=counts)


def merge_start(log: StartLog, windows: Sequence[Window], start: float) -> StartLog:
    """Return the log with a start that was reserved elsewhere, at any time."""
    counts = {name: dict(parts) for name, parts in log.counts.items()}
    for window in windows:
        if not _is_exact(window):
            parts = counts.setdefault(_name(window), {})
            parts[_part(window, start)] = parts.get(_part(window, start), 0) + 1
    return StartLog(recent=tuple(sorted((*log.recent, start))), counts=counts)


def merge_logs(first: StartLog, second: StartLog) -> StartLog:
    """Return a log with the starts of both, those in either one once: two copies of a log, changed since."""
    recent = Counter(first.recent) | Counter(second.recent)
    counts = {
        name: Counter(first.counts.get(name, {})) | Counter(second.counts.get(name, {}))
        for name in {*first.counts, *second.counts}
    }
    return StartLog(recent=tuple(sorted(recent.elements())), counts=counts)


def hold_s(windows: Sequence[Window]) -> float:
    """Return the seconds of the longest window that is no budget; 0 for none."""
    return max((_span(window) for window in windows if window.seconds <= MAX_HOLD_S), default=0.0)


def budget_hold_s(windows: Sequence[Window]) -> float:
    """Return the seconds of the longest window that is a budget; 0 for none."""
    return max((_span(window) for window in windows if window.seconds > MAX_HOLD_S), default=0.0)


def starts_used(log: StartLog, window: Window, now: float) -> int:
    """Return the starts that count in the window that ends now."""
    if _is_exact(window):
        return sum(time > now - window.seconds for time in log.recent)
    return sum(_parts_within(log, window, now).values())


def share_of(windows: Sequence[Window], processes: int) -> tuple[Window, ...]:
    """Return the windows of one process while so many processes know nothing of each other.

    A window that is counted stays so: its log has no single starts. With fewer starts than processes it has
    none; one that is kept exactly becomes longer.
    """
    return tuple(_share(window, processes) for window in windows)


def _share(window: Window, processes: int) -> Window:
    if window.starts >= processes or not _is_exact(window):
        return replace(window, starts=window.starts // processes, is_share=not _is_exact(window))
    return replace(
        window,
        starts=min(window.starts, 1),
        seconds=window.seconds * math.ceil(processes / max(window.starts, 1)),
    )


def _exact_start(log: StartLog, window: Window, start: float) -> float:
    if not window.starts:
        return math.inf
    if len(log.recent) < window.starts:
        return start
    return max(start, log.recent[-window.starts] + _span(window))


def _counted_start(log: StartLog, window: Window, start: float) -> float:
    if not window.starts:
        return math.inf
    parts = _parts_within(log, window, start)
    excess = sum(parts.values()) - window.starts + 1
    for part in sorted(parts):
        if excess <= 0:
            break
        excess -= parts[part]
        start = max(start, _part_end(window, part) + _span(window))
    return start


def _counted(log: StartLog, window: Window, start: float) -> dict[int, int]:
    parts = _parts_within(log, window, start)
    part = _part(window, start)
    return {**parts, part: parts.get(part, 0) + 1}


def _parts_within(log: StartLog, window: Window, end: float) -> dict[int, int]:
    """Return the counts of the parts that are not wholly before the window that ends then."""
    parts = log.counts.get(_name(window), {})
    return {part: count for part, count in parts.items() if _part_end(window, part) > end - _span(window)}


def _is_exact(window: Window) -> bool:
    return window.starts <= EXACT_STARTS and not window.is_share


def _span(window: Window) -> float:
    return window.seconds + MARGIN_S


def _part(window: Window, time: float) -> int:
    return int(time * PARTS // window.seconds)


def _part_end(window: Window, part: int) -> float:
    return (part + 1) * window.seconds / PARTS


def _name(window: Window) -> str:
    return f"{window.seconds:g}"
