"""Files that are not pages are refused by kind; odd file names and special files do not end a run."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from producers import cli as ingest_cli
from producers import saved, sources
from producers.crawl import set_lists
from producers.errors import NotAFile
from producers.ingest import Ingest, Outcome, Report
from producers.saved import SidecarOverrides
from producers.sources import Material, formats
from songnodes import cli
from songnodes.clock import ManualClock
from songnodes.errors import SongNodesError

CASE = "21-exports-of-dj-software"
CLOCK = ManualClock(datetime(2099, 1, 1, tzinfo=UTC))
PAGE = "https://www.1001tracklists.com/tracklist/1abc2def/x.html"

FOREIGN = {
    '<?xml version="1.0"?>\n<!-- x -->\n<NML VERSION="19"></NML>': "Traktor",
    '<?xml version="1.0"?><DJ_PLAYLISTS Version="1.0.0"/>': "rekordbox",
    "<NML/>": "Traktor",
    '\ufeff<?xml version="1.0"?><rss version="2.0"/>': "RSS",
    '<feed xmlns="http://www.w3.org/2005/Atom"/>': "Atom",
    '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//A" "http://x"><plist/>': "property list",
    "<something/>": "root element something",
    "#EXTM3U\n#EXTINF:1,A - B\nx.mp3": "M3U",
    "[playlist]\nFile1=x.mp3": "PLS",
    "WEBVTT\n\n00:00": "subtitles",
    "1\n00:00:01,000 --> 00:00:02,000\nx": "subtitles",
    'REM GENRE X\nPERFORMER "A"\nFILE "x.mp3" MP3\n  TRACK 01 AUDIO\n': "cue sheet",
    "Artist,Title,Label\nA,B,C\n": "CSV",
    'Artist,Title,Label\n"A, B",C,D\n': "CSV",
    "Artist;Title\nA;B\n": "CSV",
    "#\tArtist\tTitle\n1\tA\tB": "tab-separated",
    "#EXTVDJ:<time>20:00</time><artist>A</artist>\nC:\\x.mp3\n": "M3U",
    "/music/a.mp3\n/music/b.flac\n": "M3U",
    "# by hand\r\nC:\\Music\\a.mp3\r\n": "M3U",
    'performer "a"\nfile "x.mp3" mp3\n  track 01 audio\n': "cue sheet",
    'TITLE "b"\nFILE "x.flac" FLAC\n': "cue sheet",
    "Artist|Title|Label\nA|B|C\nD|E|F\n": "CSV",
    'Artist,Title,Label\nA,B\nC,"D, E",F\n': "CSV",
    "Artist,Title,Label,Key\n": "CSV",
    "VirtualDJ History 2025/03/01\n-----\n20:00 : A - B\n": "history of DJ software",
    "[ti:Low Moon]\n[ar:A]\n[00:01.00]x\n": "LRC",
    "{\\rtf1\\ansi A - B}": "RTF",
    "From: <Saved by Blink>\nSnapshot-Content-Location: https://x\n": "MHTML",
    f"<?xml version='1.0'?><!-- {'x' * 5000} --><NML/>": "Traktor",
    '<?xml version="1.0"?><Ableton MajorVersion="5">': "Ableton",
    '<?wpl version="1.0"?><smil></smil>': "WPL",
}
NOT_FOREIGN = (
    "<!DOCTYPE html><html></html>",
    "\n<!-- saved --><html>",
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="z">',
    "<div>a</div>",
    "<tr><td>x</td></tr>",
    '{"data": []}',
    "[]",
    "== Tracklist ==\n# A, B - C\n# D, E - F",
    "{{Infobox}}\n[[Category:X]]",
    "A - B",
    "A - B\nC - D\n",
    "A - B.mp3\nC - D\n",
    "Title of the show\nA - B\n",
    "# [00] A - B [Label]\n# [04] C - D.mp3\n",
    f"<!-- {'x' * 5000} --><html></html>",
)


@pytest.mark.parametrize(("text", "name"), FOREIGN.items())
def test_the_kind_of_a_foreign_file_is_named(text: str, name: str) -> None:
    assert name in (formats.named(text) or "")
    material = Material(text.encode(), url=PAGE)
    assert name in (sources.why_refused(material, sources.recognise(material)) or "")
    assert "--url" not in sources.why_not(Material(text.encode()))


@pytest.mark.parametrize("text", NOT_FOREIGN)
def test_pages_are_not_foreign_files(text: str) -> None:
    assert formats.named(text) is None


def test_plain_text_is_no_page_of_a_site_of_html() -> None:
    material = Material(b"A - B\nC - D", url=PAGE)
    assert "plain text" in (sources.why_refused(material, sources.recognise(material)) or "")


class UnusedDependency:
    """An outbox and a ledger whose use fails the test."""

    def check(self) -> None: ...

    def flush(self) -> None: ...

    def note(self, fetches: Any) -> None: ...

    def known(self, page_id: str) -> list[Any]:
        raise AssertionError(page_id)

    send: Any = known


def outcomes(*files: Path, url: str | None = None) -> list[Outcome]:
    nowhere: Any = UnusedDependency()
    return Ingest(nowhere, nowhere, CLOCK, overrides=SidecarOverrides(url=url)).run(files).outcomes


def test_the_reported_files_are_refused_by_kind(shared_cases: Path) -> None:
    files = [file for file in sorted((shared_cases / CASE).iterdir()) if file.suffix != ".md"]
    assert files
    for url in (None, PAGE):
        for outcome in outcomes(*files, url=url):
            assert outcome.status == "refused"
            assert "--url" not in (outcome.note or "")
            assert any(word in (outcome.note or "") for word in ("cue sheet", "XML (Traktor")), outcome.note


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a cue sheet and other kinds of entries."""
    (tmp_path / "a.cue").write_text('FILE "x.mp3" MP3\n')
    (tmp_path / ".DS_Store").write_bytes(b"\x00")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff\x1b[2J.cue"))).write_text('FILE "x.mp3" MP3\n')
    return tmp_path


def test_entries_of_a_folder_that_are_not_files_are_reported(folder: Path) -> None:
    assert len(saved.files([folder])) == 2
    skipped = {path.name: why for path, why in saved.skipped([folder])}
    assert skipped.keys() == {".DS_Store", ".git", "link", "pipe"}
    assert "FIFO" in skipped["pipe"]


def test_special_files_as_arguments_are_refused(folder: Path) -> None:
    for path in (folder / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(NotAFile):
            saved.files([path])
    (outcome,) = outcomes(Path("/dev/zero"))
    assert outcome.status == "refused"


def test_names_are_escaped_in_the_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(outcomes=outcomes(*saved.files([folder])))
    ingest_cli.show(report, Console(width=300))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and r"b\udcff\x1b[2J.cue" in shown
    assert json.loads(ingest_cli.as_text(report))["counts"] == {"refused": 2}


@pytest.mark.parametrize("arguments", [[""], ["/dev/zero"], ["/no/such"]])
def test_the_command_refuses_arguments_that_are_no_files(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli._load_command("ingest"), arguments)
    assert isinstance(result.exception, SongNodesError)


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli._load_command("ingest"), [str(tmp_path)])
    assert "There is no file to read" in str(result.exception)


def test_skipped_entries_of_a_set_list_are_reported(tmp_path: Path) -> None:
    good = {"tracklist_id": "1abc2def", "title": "A", "url": PAGE}
    bad = {"tracklist_id": None, "title": "B\x1b[2J", "url": "https://example.org/"}
    file = tmp_path / "list.json"
    file.write_text(json.dumps([good, bad, 7]))
    listed = set_lists.read_set_list(file, "1001tracklists", CLOCK)
    assert len(listed.links) == 1
    assert [entry.partition(":")[0] for entry in listed.unread] == ["entry 2", "entry 3"]


def test_a_foreign_file_is_no_set_list(folder: Path) -> None:
    with pytest.raises(set_lists.NotASetList, match="cue sheet"):
        set_lists.read_set_list(folder / "a.cue", "1001tracklists", CLOCK)
