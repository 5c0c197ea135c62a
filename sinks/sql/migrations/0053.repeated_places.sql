-- Most places of an ID occur once: an index leaves them out before sets and DJs are looked up.

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
    FROM (
        SELECT before_track_id, after_track_id, named_as FROM gold_id_rows GROUP BY 1, 2, 3 HAVING count(*) > 1
    ) AS repeated
    JOIN gold_id_rows AS rows USING (before_track_id, after_track_id, named_as)
    JOIN silver_enriched_playlists AS p ON p.playlist_id = rows.playlist_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN isfinite(set_date) AND set_date <= (last_observed_at AT TIME ZONE 'UTC')::date + 30 THEN set_date
        END AS day
    ) AS dated
    LEFT JOIN LATERAL unnest(p.dj_ids) AS dj ON true
    GROUP BY 1, 2, 3
    -- the DJs of one b2b set are one witness
    HAVING count(DISTINCT dj) > 1 AND count(DISTINCT rows.playlist_id) > 1
) AS places
LEFT JOIN silver_enriched_tracks AS a ON a.track_id = places.before_track_id
LEFT JOIN silver_enriched_tracks AS b ON b.track_id = places.after_track_id;
