"""Marks whose consequences cannot be computed: isolated by smaller steps, then set aside.

A mark whose rows PostgreSQL rejects is set aside at once, one that fails in an unforeseen way after it ended
the process twice. A later change of the same claim or playlist marks it again, and it is computed again.
"""

from collections.abc import Callable

from songnodes import logs
from songnodes.attempts import KILL_LIMIT, LIMIT, describe
from stream_processors.resolver import child_trial
from stream_processors.resolver.failures import is_refused, is_unforeseen
from stream_processors.resolver.store import Row, Store

FILE = "attempts"
MAX_MARKS = 500  # per step
KILLED = "the process ended while it computed this"
#: Row of `record_attempts` that exists until a process has computed the marks that existed at its start.
START = ("(marks)", 0)
#: Starts of processes that ended with marks left, after which each mark is noted before it is computed.
MAX_STARTS = 2

log = logs.get(__name__)


class MarkProgress:
    """Decides how many marks a step computes. `own` contains the attempts of this process, as in `Intake`."""

    def __init__(self, store: Store, own: set[object], compute: Callable[[Store, int], object]) -> None:
        self._compute = compute
        self._own = own
        self._store = store
        self.limit = MAX_MARKS
        self._noted = False  # each mark is noted before it is computed
        self._pending: set[tuple[str, str]] = set()  # marks with stored failures
        self._failing: bool | None = None  # rows of set_aside may exist; None: not read yet

    def start(self) -> None:
        """Store that this process starts with the existing marks."""
        rows = [row for row in self._store.rows(FILE, "known") if (row["topic"], row["part"]) == START]
        starts = (START not in self._own) + (int(rows[0]["attempts"]) if rows else 0)
        row: Row = {
            "topic": START[0],
            "part": START[1],
            "record_offset": 0,
            "single": False,
            "attempts": starts,
            "error": None,
        }
        self._store.put(FILE, "record", [row])
        self._own.add(START)
        if starts > MAX_STARTS:
            self.limit, self._noted = 1, True

    def started(self) -> None:
        """Store that the marks that existed at the start are computed."""
        self._store.execute(FILE, "forget", topic=START[0])
        self._own.discard(START)
        self.reset()
        self._noted = False

    def reset(self) -> None:
        """Restore the normal number of marks per step."""
        self.limit = MAX_MARKS

    def before(self) -> None:
        """Note the mark about to be computed if a process may have ended with it."""
        if self._failing is None:
            self._failing = bool(self._store.rows(FILE, "failed_marks"))
        mark = self._first() if self._noted else None
        while mark is not None and self._attempts(mark, KILLED) >= KILL_LIMIT:
            outcome = self._try_in_child()
            if outcome is None:
                self._store.execute(FILE, "recovered", kind=mark["kind"], id=mark["name"])
                break
            self._drop(mark, outcome)
            mark = self._first()
        if mark is not None and (mark["kind"], mark["name"]) not in self._own:
            self._note(mark, KILLED, is_set_aside=False)
            self._own.add((mark["kind"], mark["name"]))
        self._pending = self._marked_again() if self._failing else set()

    def after(self) -> None:
        """Delete the stored failures of the marks that a successful step computed."""
        if self._pending:
            for kind, name in self._pending - self._marked_again():
                self._store.execute(FILE, "recovered", kind=kind, id=name)
            self._failing = bool(self._store.rows(FILE, "failed_marks"))

    def failed(self, error: Exception) -> bool:
        """Return True if the step is to be repeated: with fewer marks, or without the one that failed."""
        if not (is_refused(error) or is_unforeseen(error)):
            return False
        if self.limit > 1:
            self.limit //= 2
            return True
        mark = self._first()
        if mark is None:
            return False
        if is_refused(error) or self._attempts(mark) + 1 >= LIMIT:
            self._drop(mark, describe(error))
            self.reset()
            return True
        self._note(mark, describe(error), is_set_aside=False)
        return False

    def _try_in_child(self) -> str | None:
        """Return how computing only the first mark ended a child process, None if it did not (`trial`)."""
        return child_trial.failure(self._store, lambda store: self._compute(store, 1))

    def _first(self) -> Row | None:
        rows = self._store.rows(FILE, "first_mark")
        return rows[0] if rows else None

    def _marked_again(self) -> set[tuple[str, str]]:
        return {(row["kind"], row["id"]) for row in self._store.rows(FILE, "marked_again")}

    def _attempts(self, mark: Row, error: str | None = None) -> int:
        rows = self._store.rows(FILE, "failed_marks")
        return sum(
            row["attempts"]
            for row in rows
            if (row["kind"], row["id"]) == (mark["kind"], mark["name"]) and error in (None, row["error"])
        )

    def _note(self, mark: Row, error: str, *, is_set_aside: bool) -> None:
        self._failing = True
        self._store.execute(
            FILE, "set_aside", kind=mark["kind"], id=mark["name"], is_set_aside=is_set_aside, error=error
        )

    def _drop(self, mark: Row, error: str) -> None:
        with self._store.transaction():
            self._note(mark, error, is_set_aside=True)
            self._store.execute(FILE, "drop_mark", kind=mark["kind"], id=mark["name"])
        log.error("mark_set_aside", kind=mark["kind"], id=mark["name"], error=error)
