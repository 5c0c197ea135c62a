"""Quality of a record: checks, their verdict, and the score that queries read.

quality = 0.4 completeness + 0.4 confidence + 0.2 validation. Weights and fields are in `quality.yaml`.
"""

from songnodes.domain.quality.artists import artist_quality, event_quality, is_generic
from songnodes.domain.quality.grading import (
    SUBJECTS,
    Band,
    Graded,
    Judged,
    Status,
    band,
    completeness,
    grade,
    is_filled,
    mean_confidence,
    score,
)
from songnodes.domain.quality.playlists import playlist_quality
from songnodes.domain.quality.rows import ROWS, row_checks
from songnodes.domain.quality.tracks import is_well_formed, track_checks, track_quality

__all__ = [
    "ROWS",
    "SUBJECTS",
    "Band",
    "Graded",
    "Judged",
    "Status",
    "artist_quality",
    "band",
    "completeness",
    "event_quality",
    "grade",
    "is_filled",
    "is_generic",
    "is_well_formed",
    "mean_confidence",
    "playlist_quality",
    "row_checks",
    "score",
    "track_checks",
    "track_quality",
]
