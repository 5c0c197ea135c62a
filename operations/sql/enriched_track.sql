-- The chosen values of a track with their attempts; an id that was merged leads to its track.
SELECT track_id, track_name, artist_names, enrichment_metadata, enrichment_details
FROM silver_enriched_tracks
WHERE track_id = coalesce((SELECT canonical_id FROM track_redirects WHERE track_id = %(track)s), %(track)s);
