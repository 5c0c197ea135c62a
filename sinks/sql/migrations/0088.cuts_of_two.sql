-- Counts of a type of set in a country or at a venue: such a part of the plays grows with all plays.

ALTER TABLE gold_cut_counts DROP CONSTRAINT gold_cut_counts_kind_check;
ALTER TABLE gold_cut_counts ADD CONSTRAINT gold_cut_counts_kind_check
    CHECK (kind IN ('all', 'country', 'venue', 'type', 'country type', 'venue type'));

COMMENT ON COLUMN gold_cut_counts.kind IS
    'all (sets), country, venue, type (of set), or a type in a country or at a venue: country type, venue type';
COMMENT ON COLUMN gold_cut_counts.value IS
    'country or venue in lower case, or type of set, as in gold_plays; empty for all; of two: the type, |, and the place';

-- What is counted by a place is counted by place and type; a track without any of these counts has none of the others.
INSERT INTO cut_tracks_due SELECT DISTINCT track_id FROM gold_cut_counts ON CONFLICT DO NOTHING;
