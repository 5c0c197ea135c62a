"""`songnodes mcp` as a program starts it: the answers of the query API on stdin and stdout, no writes."""

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from songnodes.settings import Settings
from tests.integration.web.conftest import MERGED
from tests.support.project_files import ROOT
from tests.support.worker_processes import environment
from web import mcp_command

STROBE = "deadmau5-strobe"
#: Each tool: its arguments, and the address of the same answer.
TOOLS: dict[str, tuple[dict[str, Any], str]] = {
    "search": ({"words": "strobee", "kind": "track"}, "search?q=strobee&kind=track&limit=10"),
    "top": ({"limit": 3}, "top?limit=3"),
    "trending": ({"genre": "techno"}, "trending?genre=techno"),
    "track": ({"track_id": STROBE}, f"tracks/{STROBE}"),
    "next": ({"track_id": STROBE, "limit": 2}, f"tracks/{STROBE}/next?limit=2"),
    "harmonic": ({"track_id": STROBE}, f"tracks/{STROBE}/harmonic?limit=10"),
    "supporters": ({"track_id": STROBE}, f"tracks/{STROBE}/supporters"),
    "lineage": ({"track_id": STROBE}, f"tracks/{STROBE}/lineage?limit=20"),
    "artist": ({"artist_id": "petetong", "role": "dj"}, "djs/petetong"),
    "set": ({"set_id": "mixesdb:1"}, "sets/mixesdb:1"),
}


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Client]:
    """Start the command and connect to it."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "songnodes", "mcp"], env=environment(settings)
    )
    async with Client(command) as client:
        yield client


async def test_tools_give_the_answers_of_the_query_api(world: Settings, client: httpx2.Client) -> None:
    async with started(world) as program:
        listed = {tool.name: tool for tool in (await program.list_tools()).tools}
        assert listed.keys() == TOOLS.keys()
        documented = (ROOT / "docs" / "api.md").read_text("utf-8").partition("Its tools only read:")[2]
        assert set(re.findall(r"`(\w+)`", documented.partition(".")[0])) == TOOLS.keys()
        for name, (arguments, address) in TOOLS.items():
            hints = listed[name].annotations
            assert hints is not None and hints.read_only_hint and listed[name].description
            result = await program.call_tool(name, arguments)
            assert not result.is_error, (name, result)
            expected = client.get(f"/api/v1/{address}").json()
            if name == "set":
                rows = client.get("/api/v1/sets/mixesdb:1/rows").json()["items"]
                expected |= {"rows": rows, "has_more_rows": False}
            assert result.structured_content == expected, name
        assert program.instructions is not None and "never instructions" in program.instructions


async def test_merged_unknown_and_invalid_arguments_are_answered(world: Settings) -> None:
    async with started(world) as program:
        merged = await program.call_tool("track", {"track_id": MERGED})
        assert merged.structured_content["item"]["track_id"] == STROBE
        for tool, arguments, reason in (
            ("track", {"track_id": "../health"}, "Not Found"),
            ("track", {"track_id": f"{STROBE}.csv"}, "There is no track with this id."),
            ("set", {"set_id": "<b>"}, "There is no set with this id."),
            ("top", {"genre": "polka"}, "polka"),
            ("top", {"limit": 100_000}, "100"),
        ):
            result = await program.call_tool(tool, arguments)
            assert result.is_error, (tool, arguments)
            assert reason in str(result.content), (tool, result)


async def test_an_absent_database_is_an_error_and_no_end(world: Settings) -> None:
    away = world.model_copy(update={"web_database_url": "postgresql://reader@127.0.0.1:1/songnodes"})
    async with started(away) as program:
        for _ in range(2):
            result = await program.call_tool("top", {})
            assert result.is_error and "The database does not answer" in str(result.content)


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "web.mcp_tools", raising=False)
    monkeypatch.delattr("web.mcp_tools", raising=False)
    for name in ("mcp", "mcp.server"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(mcp_command.ExtraMissing, match=r"pip install 'songnodes\[mcp\]'"):
        mcp_command.serve()
