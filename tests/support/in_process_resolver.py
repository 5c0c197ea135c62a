"""The resolver and validate in one process, without Kafka: for laws over orders, repeats and crashes.

The resolver uses its real tables. Its resolutions are passed to validate and the playlists of validate back
to it, in an order that the caller chooses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from songnodes.domain import enrichments
from songnodes.domain.records import Attempt, Decision, Playlist, Redirect, Resolution, SilverEvent, Tracklist
from stream_processors.resolver import ingest, outputs, sets, tracks
from stream_processors.resolver.ingest import ANSWERS, DECISIONS, EVENTS, PLAYLISTS, InputRecord
from stream_processors.resolver.store import Store
from tests.support.set_builders import Validate


class Crash(Exception):
    """The process was killed before the commit"""


@dataclass(slots=True)
class InProcessResolver:
    """Feed it with `page`, `event` and `decide`; `run` it until nothing changes."""

    store: Store
    validate: Validate = field(default_factory=Validate)
    shown: dict[str, Playlist] = field(default_factory=dict)
    redirects: dict[str, Redirect] = field(default_factory=dict)
    sent: int = 0
    _waiting: list[InputRecord] = field(default_factory=list)
    _resolutions: list[Resolution] = field(default_factory=list)

    def page(self, tracklist: Tracklist) -> None:
        """Pass a page to validate."""
        self._emit(self.validate.take(tracklist))

    def event(self, event: SilverEvent) -> None:
        """Queue an event for the resolver."""
        self._waiting.append(InputRecord(topic=EVENTS, value=cast(dict[str, Any], event)))

    def answer(self, attempt: Attempt, *, withdrawn: bool = False) -> None:
        """Queue an archived answer, or its withdrawal."""
        key = enrichments.answer_key(attempt["track_id"], attempt["attempt_id"])
        value = {} if withdrawn else cast(dict[str, Any], attempt)
        self._waiting.append(InputRecord(topic=ANSWERS, value=value, key=key))

    def decide(self, decision: Decision) -> None:
        """Queue a decision."""
        self._waiting.append(InputRecord(topic=DECISIONS, value=cast(dict[str, Any], decision)))

    def read(self, count: int | None = None) -> None:
        """Let the resolver ingest `count` waiting records, or all."""
        taken = self._waiting[:count]
        del self._waiting[:count]
        with self.store.transaction():
            ingest.ingest_records(self.store, taken)

    def step(self, at_once: int = 500, *, crash: bool = False) -> bool:
        """Let the resolver process some marks; return True if there were any.

        A crash occurs after the outputs and before the commit: everything is sent again.
        """
        try:
            with self.store.transaction():
                moved = tracks.process_marks(self.store, at_once)
                answers = sets.process_marks(self.store, at_once) if moved is None else []
                self._send(moved or (), answers or ())
                if crash:
                    raise Crash
        except Crash:
            return True
        return not (moved is None and answers is None)

    def apply_resolutions(self, count: int | None = None) -> None:
        """Let validate process `count` waiting resolutions, or all."""
        resolutions = self._resolutions[:count]
        del self._resolutions[:count]
        for resolution in resolutions:
            self._emit(self.validate.resolve(resolution))

    def run(self, choose: Callable[[Sequence[str]], str] = lambda names: names[0]) -> None:
        """Run until no record waits."""
        quiet = False
        while not quiet:
            if self._waiting:
                self.read()
            settled = not self.step()
            self.apply_resolutions()
            quiet = settled and not self._waiting and not self._resolutions

    @property
    def idle(self) -> bool:
        """True if no record is in flight between the two."""
        return not self._waiting and not self._resolutions

    def _emit(self, playlist: Playlist | None) -> None:
        if playlist is not None:
            self.shown[playlist["playlist_id"]] = playlist
            self._waiting.append(InputRecord(topic=PLAYLISTS, value=cast(dict[str, Any], playlist)))

    def _send(self, moved: Sequence[tracks.Redirected], answers: Sequence[sets.PendingResolution]) -> None:
        for redirected in moved:
            _, key, redirect = outputs.redirect(redirected, 1)
            self.redirects[key] = cast(Redirect, redirect)
        for answer in answers:
            self._resolutions.append(cast(Resolution, outputs.resolution(answer)[2]))
        self.sent += len(answers)
