-- Rankings cut by country, venue, type of set and period are computed from gold_plays.

CREATE OR REPLACE VIEW gold_plays AS
SELECT sets.playlist_id,
       plays.row_index,
       plays.track_id,
       sets.dj_ids,
       CASE WHEN sets.set_date_precision = 'day' AND isfinite(sets.set_date)
             AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
            THEN sets.set_date END AS day,
       plays.artist_ids || plays.version_artist_ids AS credited_ids,
       plays.role <> 'main' AS is_layered,
       sets.country,
       sets.venue,
       sets.set_type
FROM silver_enriched_playlists AS sets
JOIN silver_playlist_tracks AS plays USING (playlist_id)
WHERE sets.counted AND plays.status = 'identified' AND plays.track_id IS NOT NULL AND plays.role <> 'component';

CREATE INDEX silver_enriched_playlists_country ON silver_enriched_playlists (lower(country)) WHERE country IS NOT NULL;
CREATE INDEX silver_enriched_playlists_venue ON silver_enriched_playlists (lower(venue)) WHERE venue IS NOT NULL;

COMMENT ON COLUMN gold_plays.country IS 'country of the set as its page names it; NULL: unknown';
COMMENT ON COLUMN gold_plays.venue IS 'venue of the set; NULL: unknown';
COMMENT ON COLUMN gold_plays.set_type IS 'type of the set: radio, podcast, festival, b2b; NULL: unknown';
