"""Java artifacts: only files that match their pinned hash and size count as fetched."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded import artifacts, kafka, pin_artifacts, registry
from infra.embedded.artifacts import Artifact, ChecksumMismatch, DownloadFailed, fetch, read_lock

BODIES = {f"part-{number}": f"the bytes of part {number}".encode() * 1000 for number in range(5)}


def pinned(name: str) -> Artifact:
    body = BODIES[name]
    return Artifact(
        group="org.example",
        name=name,
        version="1.0",
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
    )


ALL = [pinned(name) for name in BODIES]


class Repository:
    """A Maven repository on loopback that can be set to misbehave."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.truncated: set[str] = set()
        self.corrupt: set[str] = set()
        self.failing: Counter[str] = Counter()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, repository: Repository, *arguments: object) -> None:
        self.repository = repository
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        repository = self.repository
        name = self.path.split("/")[3]
        if not self.path.endswith(".jar") or name not in BODIES:
            self.send_error(404)
            return
        repository.requests[name] += 1
        if repository.failing[name]:
            repository.failing[name] -= 1
            self.close_connection = True  # without an answer
            return
        body = BODIES[name][::-1] if name in repository.corrupt else BODIES[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:100] if name in repository.truncated else body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Return the only repository in jgo's configuration; the local Maven repository is empty."""
    server = Repository()
    configuration = tmp_path / "jgo.conf"
    configuration.write_text(f"[repositories]\ncentral = {server.url}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    thread = Thread(target=server.server.serve_forever)
    thread.start()
    with stamina.set_testing(True, attempts=3):
        yield server
    server.server.shutdown()
    server.server.server_close()
    thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_everything_is_fetched_once(repository: Repository, store: Path) -> None:
    progress: list[tuple[int, int]] = []
    files = fetch(ALL, store, lambda fetched, total: progress.append((fetched, total)))
    assert [file.read_bytes() for file in files] == list(BODIES.values())
    assert fetch(ALL, store) == files
    assert repository.requests == Counter(BODIES.keys())
    total = sum(map(len, BODIES.values()))
    assert max(progress) == (total, total)
    assert not list(store.glob(".fetching-*"))


@pytest.mark.parametrize("damage", [b"", b"half", BODIES["part-2"][::-1]], ids=["empty", "short", "flipped"])
def test_a_damaged_file_is_fetched_again(repository: Repository, store: Path, damage: bytes) -> None:
    files = fetch(ALL, store)
    files[2].write_bytes(damage)
    assert fetch(ALL, store)[2].read_bytes() == BODIES["part-2"]
    assert repository.requests["part-2"] == 2
    assert repository.requests["part-1"] == 1


def test_files_of_a_killed_run_do_not_block_a_fetch(repository: Repository, store: Path) -> None:
    left = store / ".fetching-abc" / ALL[0].path
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert fetch(ALL[:1], store)[0].read_bytes() == BODIES["part-0"]


def test_a_broken_connection_is_retried(repository: Repository, store: Path) -> None:
    repository.failing["part-3"] = 2
    assert fetch(ALL, store)[3].read_bytes() == BODIES["part-3"]
    assert repository.requests["part-3"] == 3


def test_a_broken_first_connection_is_retried(repository: Repository, store: Path) -> None:
    """A race once decided whether another part had been fetched before, which alone proved a network."""
    repository.failing["part-3"] = 2
    assert fetch([ALL[3]], store)[0].read_bytes() == BODIES["part-3"]


def test_a_truncated_file_is_never_accepted(repository: Repository, store: Path) -> None:
    repository.truncated.add("part-1")
    with pytest.raises((DownloadFailed, ChecksumMismatch), match="part-1"):
        fetch(ALL, store)
    assert not (store / ALL[1].path).exists()


def test_a_file_with_another_hash_is_refused(repository: Repository, store: Path) -> None:
    repository.corrupt.add("part-1")
    with pytest.raises(ChecksumMismatch, match="part-1"):
        fetch(ALL, store)
    assert repository.requests["part-1"] == artifacts.ATTEMPTS
    assert not (store / ALL[1].path).exists()


def test_files_of_the_local_maven_repository_are_verified(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    for artifact, body in ((ALL[0], BODIES["part-0"]), (ALL[1], b"something else")):
        local = tmp_path / "m2" / artifact.path
        local.parent.mkdir(parents=True)
        local.write_bytes(body)
    files = fetch(ALL[:2], store)
    assert [file.read_bytes() for file in files] == [BODIES["part-0"], BODIES["part-1"]]
    assert repository.requests == Counter({"part-1": 1})


def test_without_a_network_the_error_names_the_remedy(repository: Repository, store: Path) -> None:
    fetch(ALL[:2], store)
    repository.server.shutdown()
    repository.server.server_close()
    fetch(ALL[:2], store)  # later starts need none
    with pytest.raises(DownloadFailed, match="needs a network") as failed:
        fetch(ALL, store)
    assert repository.url not in str(failed.value)


def test_an_artifact_missing_from_every_repository_is_an_error(repository: Repository, store: Path) -> None:
    with pytest.raises(DownloadFailed, match="no repository has it"):
        fetch([replace(ALL[0], name="unheard-of")], store)


words = st.text("abcdefgh0123456789.-_", min_size=1, max_size=12)


@given(
    group=words,
    name=words,
    version=words,
    extension=st.sampled_from(["jar", "tar.gz"]),
    classifier=st.just("") | words,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    size=st.integers(0, 1 << 40),
)
def test_a_lock_file_line_parses_to_the_artifact_written(**fields: str | int) -> None:
    artifact = Artifact(**fields)  # type: ignore[arg-type]
    assert Artifact.parse(f"{artifact.coordinate} {artifact.sha256} {artifact.size}") == artifact


@pytest.mark.parametrize("file", [kafka.LOCK, registry.LOCK], ids=lambda file: file.name)
def test_lock_files_pin_hashes_and_name_no_host(file: Path) -> None:
    pins = read_lock(file)
    assert len({pin.coordinate for pin in pins}) == len(pins)
    assert all(re.fullmatch("[0-9a-f]{64}", pin.sha256) and pin.size > 0 for pin in pins)
    assert "://" not in file.read_text()


def test_pinned_versions_match_pin_artifacts() -> None:
    kafkas = {pin.version for pin in read_lock(kafka.LOCK) if pin.group == "org.apache.kafka"}
    assert kafkas == {pin_artifacts.KAFKA}
    assert [pin.version for pin in read_lock(registry.LOCK)] == [pin_artifacts.REGISTRY]
