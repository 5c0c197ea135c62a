"""A server in Java: what Kafka and the registry have in common.

The first start on a machine records what the server loads (an AOT cache, JEP 514), for all later ones. Of
processor time, Kafka then needs 2.8 s until it is ready instead of 6.0 s and the registry 3.4 s instead of
6.7 s, which is most of the wait for a stack, and of every recovery from a kill. Both recordings take 30 s, so
the demo leaves them to the first `songnodes up`.
"""

import hashlib
import os
import struct
import subprocess
import tempfile
import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from infra.embedded import java, ports
from infra.embedded.process_wait import STACK_VARIABLE
from infra.embedded.secrets import Secrets
from infra.embedded.server import OnProgress, Program, Server, exclusive, ignore_progress
from songnodes.access import without_access

#: Seconds for the end of the recording, when the JVM writes the cache: 5 s of processor time.
AOT_WRITE_TIMEOUT_S = 240
#: In every glibc and musl; Java on macOS takes paths as UTF-8 anyway.
UTF8_LOCALE: Mapping[str, str] = {"LC_ALL": "C.UTF-8"}


def property_value(text: object) -> str:
    """Return a text as a value of a Java properties file, which is read as ISO 8859-1 or as UTF-8."""
    escaped = str(text).replace("\\", "\\\\")
    return "".join(
        char if char.isascii() else "".join(f"\\u{unit:04x}" for unit in _utf16(char)) for char in escaped
    )


def _utf16(char: str) -> tuple[int, ...]:
    raw = char.encode("utf-16-be", "surrogatepass")
    return struct.unpack(f">{len(raw) // 2}H", raw)


class JavaServer(Server):
    """A server that runs on the Java of the wheel."""

    #: Bound of the heap in megabytes.
    heap: ClassVar[int]

    @abstractmethod
    def install(self, on_progress: OnProgress) -> None:
        """Have the jars in the cache."""

    @abstractmethod
    def make(self, on_progress: OnProgress) -> None:
        """Have data directory and configuration."""

    @abstractmethod
    def main(self) -> tuple[str, ...]:
        """Return the command of the JVM: a class or a jar, and arguments."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the options of the JVM beside those of all servers.

        The first compiler alone: a server that lives for minutes spends 40 % of its time in the second one.
        """
        return ("-XX:TieredStopAtLevel=1",)

    @property
    @abstractmethod
    def directory(self) -> Path:
        """Return its working directory."""

    def environment(self) -> Mapping[str, str]:
        """Variables of the process. Without a UTF-8 locale Java cannot open paths beyond ASCII."""
        return UTF8_LOCALE

    def prepare(self, on_progress: OnProgress) -> None:
        self.install(on_progress)
        if self.config.record and java.records() and not self._recording.exists():
            self._record_once(on_progress)
        self.make(on_progress)

    def program(self) -> Program:
        cache = self.recorded() if java.records() else ()
        return Program(
            name=self.name,
            command=(*self._jvm(), *cache, *self.main()),
            directory=self.directory,
            env=self.environment(),
            stop_wait=30,
            start_seconds=3,
        )

    def recorded(self) -> tuple[str, ...]:
        """Return the option that uses the recording; the JVM ignores one that is missing or does not fit."""
        return (f"-XX:AOTCache={self._recording}", "-Xlog:aot=off", "-Xlog:cds=off")

    def _jvm(self) -> tuple[str, ...]:
        return (str(java.java()), *java.options(self.heap), *self.flags)

    @property
    def recording_name(self) -> str:
        """Return the start of the name of its recording, the same for servers of one kind."""
        return self.name

    @property
    def _recording(self) -> Path:
        """Another Java, other jars or other options need another recording."""
        made_of = "\n".join((java.release(), *self._jvm(), str(sorted(self.environment().items()))))
        return (
            self.config.cache
            / "aot"
            / f"{self.recording_name}-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.aot"
        )

    def _record_once(self, on_progress: OnProgress) -> None:
        """Record, or wait for another process that does: stacks that start together need one recording."""
        self._recording.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(self._recording.with_suffix(".lock")):
            if not self._recording.exists():
                self._record(on_progress)

    def _record(self, on_progress: OnProgress) -> None:
        """Start a twin on empty data, end it when it answers, and keep what the JVM wrote. May fail: nothing
        but speed depends on it."""
        on_progress(f"{self.name}: recording its start, once for this machine")
        final = self._recording
        with tempfile.TemporaryDirectory(dir=final.parent, prefix=".recording-") as directory:
            scratch = Path(directory)
            chosen = ports.choose(scratch, self.port_names)
            twin = type(self)(
                config=replace(self.config, home=scratch, ports=chosen, secrets=Secrets.generate(), brokers=1)
            )
            twin.make(ignore_progress)
            written = scratch / "written.aot"
            with subprocess.Popen(
                [*twin._jvm(), f"-XX:AOTCacheOutput={written}", *twin.main()],
                cwd=twin.directory,
                env={
                    **without_access(os.environ),
                    **twin.environment(),
                    STACK_VARIABLE: str(self.config.home),
                },
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as process:
                until = time.monotonic() + self.start_timeout_s
                while not twin.answers() and process.poll() is None and time.monotonic() < until:
                    time.sleep(0.2)
                process.terminate()
                try:
                    process.wait(AOT_WRITE_TIMEOUT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
            if written.exists():
                written.replace(final)
