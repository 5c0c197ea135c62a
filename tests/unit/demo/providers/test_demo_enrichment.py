"""Settings of the demo's processes: every provider is local, Spotify is off."""

from pathlib import Path

import pytest

from demo import enrichment
from demo.providers import Providers
from demo.providers.holdings import PROVIDERS
from enrichment.providers import ALL
from enrichment.providers.access import access_of
from songnodes.settings import Settings


def test_every_call_goes_to_a_local_provider(running: Providers, tmp_path: Path) -> None:
    settings = enrichment.settings_for(
        running, Settings(home=tmp_path, sites={"ra.co": "http://127.0.0.1:1"})
    )
    for name in PROVIDERS:
        access = access_of(ALL[name], settings)
        assert access.base_url == running.base_urls[name]
        assert settings.is_local_provider(name)
        assert not access.token_url or access.token_url.startswith(running.base_urls[name])
    on = {name for name in PROVIDERS if ALL[name].configured(settings) is None}
    assert on == set(enrichment.ENABLED)


def test_the_environment_has_the_same_settings(
    running: Providers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in enrichment.environment(running, Settings()).items():
        monkeypatch.setenv(name, value)
    settings = Settings(home=tmp_path)
    assert settings == enrichment.settings_for(running, Settings(home=tmp_path))
