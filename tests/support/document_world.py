"""A random world of tracks and sightings, and the document's query examples answered from its records."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.support import sample_records as sample

STROBE = "deadmau5-strobe"
NAMES = ("Strobe", "STROBE (Edit)", "Ghosts", "Stroboscope", "Rej")
ARTISTS = ("Deadmau5", "deadmau5 & Kaskade", "Kaskade")
PROVIDERS = ("spotify", "beatport", "musicbrainz", "lastfm")


class DocumentWorld:
    """Tracklists, silver tracks and counts of tracks as records, by a seed."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = chance = random.Random(seed)
        self.today = today
        lines = [
            f"{chance.choice(ARTISTS)} - {chance.choice(NAMES)}" for _ in range(chance.randrange(20, 40))
        ]
        self.tracklists = [
            sample.tracklist(f"s{place}", *lines[place : place + 5]) for place in range(0, len(lines), 5)
        ]
        self.track_ids = [STROBE, *(f"artist{number % 7}-{number}" for number in range(60))]
        self.counts = [self._counts(track_id) for track_id in self.track_ids]
        self.tracks = [self._track(track_id) for track_id in self.track_ids]
        self.scores = {track_id: chance.randrange(10**6) / 10**6 for track_id in self.track_ids}

    def _counts(self, track_id: str) -> dict[str, Any]:
        chance = self.random
        key = 12 if track_id == STROBE else chance.choice([None, 1, 2, 11, 12, 12])
        bpm = (
            128.0 if track_id == STROBE else chance.choice([None, *(chance.randrange(1200, 1360) / 10,) * 9])
        )
        last_seen = chance.choice([None, *(self.today - timedelta(days=chance.randrange(60)),) * 9])
        return sample.counts(
            track_id,
            key=key,
            key_mode=key and chance.choice(["minor", "major"]),
            bpm=bpm,
            last_seen_date=last_seen,
            genres=chance.choice([[], ["techno", "house"], ["house"]]),
            play_count=chance.randrange(1, 99),
        )

    def _track(self, track_id: str) -> dict[str, Any]:
        chance = self.random
        used = chance.sample(PROVIDERS, chance.randrange(4))
        metadata = '{"providers_used":[' + ",".join(f'"{name}"' for name in used) + "]}"
        return sample.track(
            track_id,
            data_quality_score=chance.choice([0.9, 0.899, 0.7, 0.699, chance.random()]),
            data_completeness=chance.randrange(1000) / 1000,
            confidence_score=chance.randrange(1000) / 1000,
            enrichment_metadata=metadata,
        )

    def sightings(self) -> Iterator[tuple[str, str, str]]:
        """Yield playlist id, artist and title of the rows whose text query 1 selects."""
        for tracklist in self.tracklists:
            for row in tracklist["rows"]:
                artist, _, title = row["text"].partition(" - ")
                if "strobe" in title.lower() and "deadmau5" in artist.lower():
                    yield tracklist["playlist_id"], artist, title

    def compatible(self) -> list[tuple[str, float, str]]:
        """Return track name, tempo difference and label of query 2, all of them in its order."""
        source = self.counts[0]
        rows = []
        for partner in self.counts[1:]:
            if partner["key"] is None or partner["bpm"] is None:
                continue
            difference, step = (
                round(abs(source["bpm"] - partner["bpm"]), 2),
                abs(source["key"] - partner["key"]),
            )
            if difference <= 6 and step <= 1:
                label = "Adjacent Key" if step else "Perfect Match ✅"
                rows.append((partner["track_name"], difference, label))
        return sorted(rows, key=lambda row: (row[1], row[2]))

    def quality(self) -> dict[str, float]:
        """Return the row of query 3."""
        scores = [track["data_quality_score"] for track in self.tracks]
        bands = [0 if score >= 0.9 else 1 if score >= 0.7 else 2 for score in scores]
        row: dict[str, float] = {
            "total_tracks": len(scores),
            "excellent": bands.count(0),
            "good": bands.count(1),
            "needs_improvement": bands.count(2),
        }
        for name, column in (
            ("avg_completeness", "data_completeness"),
            ("avg_confidence", "confidence_score"),
        ):
            values = [Fraction(str(track[column])) for track in self.tracks]
            row[name] = float(sum(values) / len(values))
        for provider in ("spotify", "beatport", "musicbrainz"):
            row[f"{provider}_count"] = sum(
                f'"{provider}"' in track["enrichment_metadata"] for track in self.tracks
            )
        return row

    def trending(self) -> list[tuple[Any, ...]]:
        """Return track name, primary genre, play count, score and rank of query 4."""
        recent = [
            counts
            for counts in self.counts
            if counts["last_seen_date"] and counts["last_seen_date"] > self.today - timedelta(days=30)
        ]
        recent.sort(key=lambda counts: -self.scores[counts["track_id"]])
        return [
            (
                counts["track_name"],
                next(iter(counts["genres"]), None),
                counts["play_count"],
                self.scores[counts["track_id"]],
                rank,
            )
            for rank, counts in enumerate(recent, start=1)
        ][:50]
