-- Most places of an ID occur once: those that repeat are marked, so that gold_unreleased reads no others.

ALTER TABLE gold_id_rows ADD COLUMN is_repeated boolean NOT NULL DEFAULT false;
UPDATE gold_id_rows AS rows
SET is_repeated = true
FROM (
    SELECT before_track_id, after_track_id, named_as FROM gold_id_rows GROUP BY 1, 2, 3 HAVING count(*) > 1
) AS repeated
WHERE (rows.before_track_id, rows.after_track_id, rows.named_as)
    = (repeated.before_track_id, repeated.after_track_id, repeated.named_as);
CREATE INDEX gold_id_rows_repeated ON gold_id_rows (before_track_id, after_track_id, named_as, playlist_id)
    WHERE is_repeated;
COMMENT ON COLUMN gold_id_rows.is_repeated IS 'true: another row has the same place and name';

CREATE OR REPLACE VIEW gold_unreleased AS
SELECT places.before_track_id,
       a.track_name AS before_track_name,
       a.primary_artist AS before_artist,
       places.after_track_id,
       b.track_name AS after_track_name,
       b.primary_artist AS after_artist,
       places.named_as,
       places.dj_count,
       places.set_count,
       places.first_date,
       places.first_set,
       places.last_date,
       places.sets
FROM (
    SELECT before_track_id, after_track_id, named_as,
           count(DISTINCT dj)::integer AS dj_count,
           count(DISTINCT rows.playlist_id)::integer AS set_count,
           min(dated.day) AS first_date,
           (array_agg(rows.playlist_id ORDER BY dated.day NULLS LAST, rows.playlist_id COLLATE "C"))[1] AS first_set,
           max(dated.day) AS last_date,
           array_agg(DISTINCT rows.playlist_id) AS sets
    FROM gold_id_rows AS rows
    JOIN silver_enriched_playlists AS p ON p.playlist_id = rows.playlist_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN isfinite(set_date) AND set_date <= (last_observed_at AT TIME ZONE 'UTC')::date + 30 THEN set_date
        END AS day
    ) AS dated
    LEFT JOIN LATERAL unnest(p.dj_ids) AS dj ON true
    WHERE rows.is_repeated
    GROUP BY 1, 2, 3
    -- the DJs of one b2b set are one witness
    HAVING count(DISTINCT dj) > 1 AND count(DISTINCT rows.playlist_id) > 1
) AS places
LEFT JOIN silver_enriched_tracks AS a ON a.track_id = places.before_track_id
LEFT JOIN silver_enriched_tracks AS b ON b.track_id = places.after_track_id;
