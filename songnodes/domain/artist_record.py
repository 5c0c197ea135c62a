"""The silver record of an artist, from its total."""

from datetime import datetime

from songnodes.domain import artist_values, artists, ids, quality
from songnodes.domain.artists import ArtistTotal
from songnodes.domain.records import Artist
from songnodes.domain.waterfall import DEFAULT, Config


def artist_record(
    artist_id: str,
    version: int,
    total: ArtistTotal,
    observed_at: datetime,
    code: str,
    config: Config = DEFAULT,
) -> Artist:
    """Return the record of the artist; `gone` without sets and profiles.

    Pages about the artist fill the fields first, answers of providers the others, in the configured order.
    """
    chosen = artist_values.choose(artists.all_answers(total), artists.page_ids(total), config.artists)
    profiles = [total["profiles"][source] for source in sorted(total["profiles"])]
    name = artists.display_name(total, artist_id)
    native_ids = artists.qualified_ids(total, chosen.ids)
    page_links = {site: url for profile in reversed(profiles) for site, url in profile["links"].items()}
    links = {**chosen.links, **page_links}
    page_country = next((profile["country"] for profile in profiles if profile["country"]), None)
    page_biography = next((profile["biography"] for profile in profiles if profile["biography"]), None)
    country, biography = page_country or chosen.country, page_biography or chosen.biography
    from_pages = {
        *(f"links.{site}" for site in page_links),
        *(name for name, value in (("country", page_country), ("biography", page_biography)) if value),
    }
    aliases = artists.spellings(total, chosen.aliases)
    judged = quality.artist_quality(
        name=name,
        native_ids=native_ids,
        sources=len(profiles) + bool(total["names"]),
        values={
            "country": country,
            "biography": biography,
            "links": links,
            "aliases": [alias["text"] for alias in aliases if alias["text"] != name],
        },
    )
    return {
        "event_id": ids.event_id("artist", artist_id, str(version)),
        "source": "silver",
        "observed_at": observed_at,
        "origin": {"kind": "record", "id": artist_id, "parser_version": None},
        "pipeline_version": code,
        "artist_id": artist_id,
        "version": version,
        "gone": not artists.is_live(total),
        "name": name,
        "aliases": aliases,
        "native_ids": native_ids,
        "links": links,
        "country": country,
        "biography": biography,
        "genres": list(chosen.genres),
        "value_sources": {name: who for name, who in chosen.sources.items() if name not in from_pages},
        "id_conflicts": dict(chosen.conflicts),
        "is_dj": total["dj_sets"] > 0,
        "is_producer": total["producer_sets"] > 0,
        "data_completeness": judged.quality["completeness"],
        "confidence_score": judged.quality["confidence"],
        "validation_score": judged.quality["validation"],
        "data_quality_score": judged.quality["score"],
        "validation_status": judged.status,
        "checks": [check for check in judged.checks if not check["passed"]],
        "last_observed_at": observed_at,
        "artist_type": chosen.artist_type,
        "life_begin": chosen.life_begin,
        "life_end": chosen.life_end,
        "groups": list(chosen.groups),
    }
