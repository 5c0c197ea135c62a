"""Port of the dashboard: chosen once, or as set."""

from pathlib import Path

from infra.embedded import web_address
from songnodes.settings import Settings


def test_the_port_is_kept_in_the_data_directory(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = web_address.url(settings)
    assert first == web_address.url(settings)
    assert first.startswith("http://127.0.0.1:2") or first.startswith("http://127.0.0.1:3")


def test_a_port_that_is_set_is_used(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, web_port=8030, web_host="::1")
    assert web_address.url(settings) == "http://[::1]:8030/"
    assert not list(tmp_path.iterdir())
