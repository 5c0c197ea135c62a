"""Scripts of others: served compressed and for ever, absent without a network."""

from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from infra.embedded import browser_parts
from infra.embedded.artifacts import DownloadFailed
from infra.embedded.browser_parts import COMPRESSED
from web import assets


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SONGNODES_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def client() -> httpx2.AsyncClient:
    app = FastAPI()
    app.include_router(assets.router)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1")


async def test_a_file_is_compressed_for_browsers_that_accept_it(
    cache: Path, client: httpx2.AsyncClient
) -> None:
    script = next(file for file in browser_parts.files(cache) if file.name == "cytoscape.min.js")
    script.file.parent.mkdir(parents=True)
    script.file.write_bytes(b"plain")
    script.file.with_name(script.file.name + COMPRESSED).write_bytes(b"packed")
    address = assets.asset("cytoscape.min.js")
    assert address == f"/assets/{script.path}"
    async with client:
        for accepted, encoding in (("gzip", "gzip"), ("identity", None)):
            async with client.stream("GET", address, headers={"accept-encoding": accepted}) as answer:
                assert answer.headers.get("content-encoding") == encoding
                assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
                assert answer.headers["cache-control"] == assets.CACHE_CONTROL
        for path in (f"/assets/{script.path}.gz", "/assets/cytoscape@1.0.0/cytoscape.min.js", "/assets/../x"):
            assert (await client.get(path)).status_code == 404


def test_pages_have_no_reference_to_what_could_not_be_fetched(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise DownloadFailed("no network")

    monkeypatch.setattr(browser_parts, "install", fail)
    assert assets.fetch(cache) is False
    assert assets.asset("cytoscape.min.js") is None
