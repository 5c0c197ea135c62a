"""Parts of the pages: only the files that pages load are unpacked, once, with their gzip form."""

import gzip
import hashlib
import zipfile
from pathlib import Path

import pytest

from infra.embedded import artifacts, browser_parts, pin_artifacts
from infra.embedded.artifacts import Artifact, DownloadFailed

SCRIPT = b"script();" * 200


def webjar(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a WebJar of cytoscape into an empty local Maven repository; return its lock file."""
    pin = Artifact(group="org.webjars.npm", name="cytoscape", version="9.9", sha256="", size=0)
    jar = directory / "m2" / pin.path
    jar.parent.mkdir(parents=True)
    with zipfile.ZipFile(jar, "w") as archive:
        for name in ("dist/cytoscape.min.js", "dist/cytoscape.js", "../../escape.js"):
            archive.writestr(f"{browser_parts.ROOT}/cytoscape/9.9/{name}", SCRIPT)
    lock = directory / "browser.lock"
    sha256 = hashlib.sha256(jar.read_bytes()).hexdigest()
    lock.write_text(f"{pin.coordinate} {sha256} {jar.stat().st_size}\n")
    configuration = directory / "jgo.conf"
    configuration.write_text("[repositories]\ncentral = http://127.0.0.1:9\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("M2_REPO", str(directory / "m2"))
    return lock


def test_only_the_files_of_pages_are_unpacked_with_their_gzip_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = webjar(tmp_path, monkeypatch)
    cache = tmp_path / "cache"
    browser_parts.install(cache, lock=lock)
    (script,) = browser_parts.files(cache, lock)
    assert script.path == "cytoscape@9.9/cytoscape.min.js"
    assert script.file.read_bytes() == gzip.decompress(script.compressed.read_bytes()) == SCRIPT
    names = {file.name for file in (cache / "browser").rglob("*") if file.is_file()}
    assert names == {"cytoscape.min.js", "cytoscape.min.js.gz", ".inventory.json", ".lock"}


def test_a_damaged_part_is_unpacked_again_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = webjar(tmp_path, monkeypatch)
    cache = tmp_path / "cache"
    browser_parts.install(cache, lock=lock)
    (script,) = browser_parts.files(cache, lock)
    script.file.write_bytes(b"half")
    (tmp_path / "m2").rename(tmp_path / "away")
    browser_parts.install(cache, lock=lock)
    assert script.file.read_bytes() == SCRIPT


def test_a_part_that_cannot_be_fetched_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = webjar(tmp_path, monkeypatch)
    (tmp_path / "m2").rename(tmp_path / "away")
    with pytest.raises(DownloadFailed):
        browser_parts.install(tmp_path / "cache", lock=lock)
    assert not any(file.suffix == ".js" for file in (tmp_path / "cache").rglob("*"))


def test_pinned_versions_match_pin_artifacts() -> None:
    pinned = {
        pin.name: pin.version
        for lock in (browser_parts.LOCK, browser_parts.TESTS_LOCK)
        for pin in artifacts.read_lock(lock)
    }
    assert pinned == {**pin_artifacts.BROWSER, **pin_artifacts.BROWSER_TESTS}
    assert pinned.keys() == browser_parts.PARTS.keys()
