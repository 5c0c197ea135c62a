"""Java artifacts by Maven coordinate: pinned with their sha256, fetched once, verified at every start.

A lock file has one line per artifact, `group:name:extension[:classifier]:version sha256 size`. Files
come from the repositories that jgo is configured with, or from the user's local Maven repository if it has
them. A file gets its final name only after its hash was verified, so an interrupted download is never used.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import requests
import stamina
from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from urllib3.exceptions import ProtocolError

from songnodes.errors import Transient, UserError

CONNECTIONS = 6  # most jars are small: round trips, not bytes, take the time where the repository is far
TIMEOUT_S = (3, 60)  # until connected, and without a byte
ATTEMPTS = 3
CHUNK = 1 << 16  # bytes


class DownloadFailed(UserError):
    """A part of the embedded servers could not be fetched"""

    remedy = (
        "The first start needs a network and access to a Maven repository; later starts need none. "
        "Repositories of your own go into jgo's configuration file"
    )


class ChecksumMismatch(Transient):
    """A fetched file is not the pinned one: its sha256 differs"""

    remedy = "If it stays so, the repository serves something else than what was released"


class Progress(Protocol):
    """Callback with the bytes fetched so far; called from several threads."""

    def __call__(self, fetched: int, total: int) -> None: ...


class PercentProgress:
    """A progress that reports every tenth part as a line."""

    def __init__(self, name: str, on_progress: Callable[[str], None]) -> None:
        self._name = name
        self._on_progress = on_progress
        self._reported = -1

    def __call__(self, fetched: int, total: int) -> None:
        tenth = 10 * fetched // max(total, 1)
        if tenth > self._reported:
            self._reported = tenth
            self._on_progress(f"{self._name}: fetching, {tenth * 10} % of {total / 1e6:.0f} MB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One pinned file. `size` in bytes."""

    group: str
    name: str
    version: str
    extension: str = "jar"
    classifier: str = ""
    sha256: str
    size: int

    @property
    def coordinate(self) -> str:
        """Maven's own notation."""
        parts = [self.group, self.name, self.extension, self.classifier, self.version]
        return ":".join(part for part in parts if part)

    @property
    def path(self) -> Path:
        """Return the path of the file in a Maven repository, below its root."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        file = f"{self.name}-{self.version}{suffix}.{self.extension}"
        return Path(*self.group.split("."), self.name, self.version, file)

    @classmethod
    def parse(cls, line: str) -> "Artifact":
        """Parse a line of a lock file. Raises ValueError."""
        coordinate, sha256, size = line.split()
        group, name, extension, *classifier, version = coordinate.split(":")
        return cls(
            group=group,
            name=name,
            version=version,
            extension=extension,
            classifier=classifier[0] if classifier else "",
            sha256=sha256,
            size=int(size),
        )


def read_lock(lock: Path) -> tuple[Artifact, ...]:
    """All artifacts of a lock file, in its order."""
    lines = (line.strip() for line in lock.read_text().splitlines())
    return tuple(Artifact.parse(line) for line in lines if line and not line.startswith("#"))


def fetch(artifacts: Sequence[Artifact], store: Path, progress: Progress | None = None) -> list[Path]:
    """Return the verified files of all artifacts in `store`; fetch missing and damaged ones.

    Raises `DownloadFailed` without a network, `ChecksumMismatch` for a wrong file, and
    OSError for a full disk.
    """
    missing = [artifact for artifact in artifacts if not _intact(store / artifact.path, artifact)]
    if missing:
        store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store, prefix=".fetching-") as directory:
            _fetch_all(missing, store, Path(directory), progress)
    return [store / artifact.path for artifact in artifacts]


def _fetch_all(missing: Sequence[Artifact], store: Path, staging: Path, progress: Progress | None) -> None:
    meter = _Meter(progress, total=sum(artifact.size for artifact in missing))
    with requests.Session() as session, ThreadPoolExecutor(CONNECTIONS) as pool:
        source = _Source(session, staging, meter)
        try:
            for artifact, file in zip(missing, pool.map(source.get, missing), strict=True):
                final = store / artifact.path
                final.parent.mkdir(parents=True, exist_ok=True)
                file.replace(final)
        except BaseException:
            pool.shutdown(cancel_futures=True)  # one failure is enough to know
            raise


class _Source:
    """The local Maven repository, then the remote ones, as jgo is configured.

    jgo's own download is not used: it asks for a checksum file beside each artifact, which we need not, and
    leaves its connections to the garbage collector.
    """

    def __init__(self, session: requests.Session, staging: Path, meter: "_Meter") -> None:
        settings = GlobalSettings.load()
        self._local: Path = settings.repo_cache
        self._remote: list[str] = list({**MavenContext().remote_repos, **settings.repositories}.values())
        self._session = session
        stamina.instrumentation.set_on_retry_hooks([])  # an attempt that is repeated is no news
        self._staging = staging
        self._meter = meter

    def get(self, artifact: Artifact) -> Path:
        """Return a verified copy in the staging directory."""
        copy = self._staging / artifact.path
        copy.parent.mkdir(parents=True, exist_ok=True)
        if _intact(self._local / artifact.path, artifact):
            return Path(shutil.copyfile(self._local / artifact.path, copy))
        attempt = stamina.retry(on=self._may_pass, attempts=ATTEMPTS, timeout=None)(self._download)
        try:
            return attempt(artifact, copy)
        except requests.RequestException as error:  # without its text, which is full of addresses
            raise DownloadFailed(type(error).__name__, artifact=artifact.coordinate) from error

    def _may_pass(self, error: Exception) -> bool:
        """Return True for an error after which another attempt may succeed.

        Where not a byte was ever fetched and nothing connects there is no network. A connection that was made
        and then broken proves that there is one.
        """
        if isinstance(error, requests.ConnectionError) and not self._meter.fetched:
            return any(isinstance(cause, ProtocolError) for cause in error.args)
        return isinstance(error, requests.RequestException | ChecksumMismatch)

    def _download(self, artifact: Artifact, copy: Path) -> Path:
        for repository in self._remote:
            url = f"{repository.rstrip('/')}/{artifact.path.as_posix()}"
            with self._session.get(url, stream=True, timeout=TIMEOUT_S) as answer:
                if answer.status_code == requests.codes.not_found:
                    continue
                answer.raise_for_status()
                with copy.open("wb") as file:
                    for chunk in answer.iter_content(CHUNK):
                        file.write(chunk)
                        self._meter.add(len(chunk))
            if not _intact(copy, artifact):
                raise ChecksumMismatch(
                    artifact=artifact.coordinate, expected=artifact.sha256, found=sha256(copy)
                )
            return copy
        raise DownloadFailed("no repository has it", artifact=artifact.coordinate)


class _Meter:
    """Adds up the bytes of all connections."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._fetched = 0
        self._lock = Lock()

    @property
    def fetched(self) -> int:
        """Bytes fetched so far."""
        return self._fetched

    def add(self, count: int) -> None:
        with self._lock:
            self._fetched = min(self._fetched + count, self._total)  # a second attempt counts no more
            if self._progress:
                self._progress(self._fetched, self._total)


def sha256(file: Path) -> str:
    """Return the hash of a file, as hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _intact(file: Path, artifact: Artifact) -> bool:
    return file.is_file() and file.stat().st_size == artifact.size and sha256(file) == artifact.sha256


def write_lock(lock: Path, heading: str, artifacts: Iterable[Artifact]) -> None:
    """Write a lock file, sorted, with a comment on top."""
    lines = sorted(f"{artifact.coordinate} {artifact.sha256} {artifact.size}" for artifact in artifacts)
    lock.write_text("".join(f"# {line}\n" for line in heading.splitlines()) + "\n".join(lines) + "\n")
