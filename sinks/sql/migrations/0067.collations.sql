-- Sets and DJs of a track by their indexes, which have the default collation: a comparison with a column of
-- collation "C" reads all of them.
CREATE OR REPLACE VIEW gold_track_supporters AS
SELECT supports.track_id,
       row_number() OVER (
           PARTITION BY supports.track_id
           ORDER BY supports.first_date, supports.first_playlist_id, supports.dj_id
       )::integer AS place,
       supports.dj_id,
       artists.name AS dj_name,
       supports.first_date,
       supports.first_playlist_id,
       sets.title AS first_set,
       supports.dj_id = ANY (support.early_dj_ids) AS is_early,
       support.median_date - supports.first_date AS lead_days
FROM track_supports AS supports
JOIN gold_track_support AS support USING (track_id)
LEFT JOIN silver_enriched_playlists AS sets ON sets.playlist_id = supports.first_playlist_id COLLATE "default"
LEFT JOIN silver_enriched_artists AS artists ON artists.artist_id = supports.dj_id COLLATE "default";
