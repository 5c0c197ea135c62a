"""Scripts and styles of the dashboard's pages, from WebJars: pinned, fetched once, unpacked into the cache.

Only the files of PARTS leave the archive. Beside each is its gzip form, so that no request compresses it.
"""

import gzip
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra.embedded import artifacts, install_manifest
from infra.embedded.artifacts import Artifact
from infra.embedded.server import OnProgress, atomic_directory, exclusive, ignore_progress

HERE = Path(__file__).parent
LOCK = HERE / "browser.lock"
#: For the tests of the pages alone; `songnodes up` does not fetch it.
TESTS_LOCK = HERE / "browser_tests.lock"
#: Artifact -> the files of it that pages load, below `META-INF/resources/webjars/NAME/VERSION`.
PARTS = {
    "cytoscape": ("dist/cytoscape.min.js",),
    "axe-core": ("axe.min.js",),
}
ROOT = "META-INF/resources/webjars"
COMPRESSED = ".gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserFile:
    """A file that a page can load: `NAME@VERSION/FILE` below the address of all of them."""

    part: str
    version: str
    name: str
    file: Path

    @property
    def path(self) -> str:
        """Return the path, which differs for each version, so that browsers may keep the file for ever."""
        return f"{self.part}@{self.version}/{self.name}"

    @property
    def compressed(self) -> Path:
        """Return the gzip form of the file."""
        return self.file.with_name(self.file.name + COMPRESSED)


def files(cache: Path, lock: Path = LOCK) -> tuple[BrowserFile, ...]:
    """Return all files of the pinned parts, whether they are installed or not."""
    return tuple(
        BrowserFile(
            part=pin.name, version=pin.version, name=Path(name).name, file=directory / Path(name).name
        )
        for pin, directory in _places(cache, lock)
        for name in PARTS[pin.name]
    )


def install(cache: Path, on_progress: OnProgress = ignore_progress, lock: Path = LOCK) -> None:
    """Fetch and unpack what is missing. Several processes may do so at the same time: the first one does.

    Raises DownloadFailed, ChecksumMismatch.
    """
    missing = [place for place in _places(cache, lock) if not install_manifest.is_complete(place[1])]
    if not missing:
        return
    (cache / "browser").mkdir(parents=True, exist_ok=True)
    with exclusive(cache / "browser" / ".lock"):
        missing = [place for place in missing if not install_manifest.is_complete(place[1])]
        pins = [pin for pin, _ in missing]
        jars = artifacts.fetch(
            pins, cache / "maven", artifacts.PercentProgress("parts of the pages", on_progress)
        )
        for (pin, directory), jar in zip(missing, jars, strict=True):
            _unpack(pin, jar, directory)


def _places(cache: Path, lock: Path) -> list[tuple[Artifact, Path]]:
    return [
        (pin, cache / "browser" / f"{pin.name}-{pin.version}-{pin.sha256[:12]}")
        for pin in artifacts.read_lock(lock)
    ]


def _unpack(pin: Artifact, jar: Path, directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    with atomic_directory(directory) as staging, zipfile.ZipFile(jar) as archive:
        for name in PARTS[pin.name]:
            content = archive.read(f"{ROOT}/{pin.name}/{pin.version}/{name}")
            target = staging / Path(name).name
            target.write_bytes(content)
            target.with_name(target.name + COMPRESSED).write_bytes(gzip.compress(content, mtime=0))
        install_manifest.write(staging)
