"""Answers of providers reach the rows of artists, and their withdrawal takes the values away."""

from pathlib import Path

from songnodes.access import Access
from tests.support import sample_records
from tests.support.isolated_pipeline import fresh_settings
from tests.support.pipeline import Pipeline
from tests.support.provider_answers import RAJ, STROBE, deezer, key_of, musicbrainz
from tests.unit.stream_processors.test_artist_answers import DEADMAU5

ROW = (
    b"SELECT native_ids, country, genres, value_sources ->> 'country', id_conflicts "
    b"FROM silver_enriched_artists WHERE artist_id = %s"
)


def test_artists_have_the_values_of_the_answers(
    addresses: Access, template_database: str, tmp_path: Path
) -> None:
    track, description = musicbrainz()
    page = sample_records.tracklist("abc", STROBE, RAJ)
    with (
        fresh_settings(addresses, template_database, tmp_path, commit_interval=0.2) as settings,
        Pipeline(settings) as pipeline,
    ):
        pipeline.start()
        pipeline.send("bronze.tracklists", [(page["playlist_id"], page)])
        answers = (track, description, deezer(STROBE, 5), deezer(RAJ, 6))
        pipeline.send("bronze.enrichments", ((key_of(answer), answer) for answer in answers))
        pipeline.drain()
        assert pipeline.query(ROW, DEADMAU5) == [
            (
                ["discogs:289522", f"musicbrainz:{description['parameters']['id']}"],
                "Canada",
                ["progressive house"],
                "musicbrainz",
                {"deezer": ["5", "6"]},
            )
        ]
        withdrawn = (track, deezer(RAJ, 6))
        pipeline.send_raw("bronze.enrichments", ((key_of(answer).encode(), None) for answer in withdrawn))
        pipeline.drain()
        assert pipeline.query(ROW, DEADMAU5) == [(["deezer:5"], None, [], None, {})]
