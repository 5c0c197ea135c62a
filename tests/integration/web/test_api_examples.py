"""Examples of docs/api.md, run against the query API."""

import re
import shlex

import httpx2

from tests.integration.web.conftest import TRACKS
from tests.support.project_files import ROOT

TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
COMMANDS = re.findall(r"^ {4,}(curl .+)$", TEXT, re.MULTILINE)
IDS = {"TRACK_ID": "deadmau5-strobe", "SET_ID": "mixesdb:1"}


def with_ids(text: str) -> str:
    for name, value in IDS.items():
        text = text.replace(name, value)
    return text


def test_every_command_answers(client: httpx2.Client) -> None:
    assert len(COMMANDS) >= 6
    for command in COMMANDS:
        words = shlex.split(with_ids(command))
        headers = dict([words[2].split(": ", 1)]) if words[1] == "-H" else {}
        answer = client.get(words[-1].removeprefix("$API"), headers=headers)
        assert answer.status_code == 200, command


def test_every_endpoint_of_the_table_is_described_and_the_other_way_round(client: httpx2.Client) -> None:
    cells = re.findall(r"^\| (`.+?`) \| ", TEXT, re.MULTILINE)
    listed = {name for cell in cells for name in re.findall(r"`([a-z][\w/]*)`", cell)}
    described = client.get("/openapi.json").json()["paths"]
    paths = {re.sub(r"\{.+?\}", "ID", path.removeprefix("/api/v1/")) for path in described}
    assert {re.sub(r"[A-Z_]{4,}", "ID", name) for name in listed} == paths


def test_the_client_reads_a_list_and_a_track(address: str) -> None:
    (code,) = re.findall(r"```python\n(.+?)```", TEXT, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "docs/api.md", "exec"), names)  # noqa: S102
    client = names["SongNodes"](address)  # type: ignore[operator]
    ids = [row["track_id"] for row in client.items("top", limit=2)]
    assert sorted(ids) == sorted(record["track_id"] for record in TRACKS)
    assert client.track("deadmau5-strobe")["track_id"] == "deadmau5-strobe"
    assert all("track_id" in row for row in client.play_next("deadmau5-strobe"))
