-- Names and sets of supporters are looked up one by one: for hundreds of them a plan would read all artists.

CREATE OR REPLACE VIEW gold_track_supporters AS
SELECT supports.track_id,
       row_number() OVER (
           PARTITION BY supports.track_id
           ORDER BY supports.first_date, supports.first_playlist_id, supports.dj_id
       )::integer AS place,
       supports.dj_id,
       (SELECT name FROM silver_enriched_artists WHERE artist_id = supports.dj_id COLLATE "default") AS dj_name,
       supports.first_date,
       supports.first_playlist_id,
       (SELECT title FROM silver_enriched_playlists WHERE playlist_id = supports.first_playlist_id COLLATE "default")
           AS first_set,
       supports.dj_id = ANY (support.early_dj_ids) AS is_early,
       support.median_date - supports.first_date AS lead_days
FROM track_supports AS supports
JOIN gold_track_support AS support USING (track_id);
