"""The worker as a process under faults of providers and kills: nothing lost, wrong, or asked too often."""

from dataclasses import replace
from datetime import date

import pytest

from demo.providers import Holdings, Providers
from demo.providers.faults import CHAOS, Faults
from demo.providers.holdings import PROVIDERS
from demo.world import world
from demo.world.sizes import SIZES
from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from tests.support import codecs, enrichment_chaos
from tests.support.enrichment_requests import send_records
from tests.support.timestamped_providers import TimestampedProviders
from tests.support.worker_processes import WorkerProcesses

AS_OF = date(2026, 11, 29)
SEED = 7
#: ReccoBeats closes for 13 hours, Discogs refuses access, and Last.fm's quota is used.
FAULTS = {
    **dict.fromkeys(PROVIDERS, CHAOS),
    "reccobeats": replace(CHAOS, rates={**CHAOS.rates, "limited_for_hours": 0.05}),
    "discogs": Faults(forbidden=True),
    "lastfm": replace(CHAOS, rates={**CHAOS.rates, "quota": 0.05}),
}
KILLS = [
    pytest.param(20, 2, 20, id="2 kills"),
    pytest.param(260, 20, 4, id="20 kills", marks=pytest.mark.soak),
]


@pytest.mark.parametrize(("tracks", "kills", "speed"), KILLS)
def test_nothing_is_lost_or_wrong_under_faults_and_kills(
    pipeline_settings: Settings, tracks: int, kills: int, speed: int
) -> None:
    holdings = Holdings(world.make(SIZES["small"], AS_OF))
    requests = enrichment_chaos.requests_of(list(holdings.played.values())[:tracks])
    with TimestampedProviders(Providers(holdings, FAULTS)).serving() as servers:
        settings = enrichment_chaos.settings_for(servers, pipeline_settings, speed)
        topics.apply(clients.admin(settings), settings)
        codec = codecs.registered(settings)
        artists = enrichment_chaos.artist_requests_of(holdings, tracks // 2)
        send_records(settings, codec, [*requests.values(), *artists])
        workers = WorkerProcesses(settings)
        try:
            workers.start(enrichment_chaos.PROCESS)
            enrichment_chaos.kill_repeatedly(workers, servers, settings, kills, SEED)
            enrichment_chaos.wait_until(lambda: not enrichment_chaos.requests_left(settings), servers)
            workers.stop()
            assert not workers.unexpected(), workers.tails()
            archive = enrichment_chaos.check(settings, codec, servers, holdings, requests)
            enrichment_chaos.check_artists(settings, codec, artists)
        finally:
            workers.close()
        assert {record["status"] for record in archive} >= {"hit", "miss", "quota_exhausted", "disabled"}
        assert len(workers.exits) >= kills
