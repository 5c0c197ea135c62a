-- name: artist
SELECT gold.*, silver.country, silver.links, silver.aliases, silver.is_dj, silver.is_producer, silver.biography,
       silver.artist_type, silver.life_begin, silver.life_end,
       silver.groups, silver.genres, silver.value_sources, silver.id_conflicts,
       overview.as_producer, overview.as_dj, overview.collaborators
FROM gold_artist_analytics AS gold
LEFT JOIN silver_enriched_artists AS silver USING (artist_id)
LEFT JOIN gold_artist_overview AS overview USING (artist_id)
WHERE gold.artist_id = $1;

-- name: names
SELECT artist_id, name FROM gold_artist_analytics WHERE artist_id = ANY ($1::text[]);

-- name: label_keys
SELECT camelot, count(*)::integer AS tracks
FROM track_labels AS labelled
JOIN gold_track_counts AS gold ON gold.track_id = labelled.track_id COLLATE "default" -- of its index
WHERE label_id = $1 AND camelot IS NOT NULL
GROUP BY 1;
