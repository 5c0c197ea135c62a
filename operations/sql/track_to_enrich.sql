-- A track as the service is requested for it; an id that was merged leads to its track.
SELECT track_id,
       array_to_string(artist_names, ', ') AS artist_name,
       track_name AS track_title
FROM silver_enriched_tracks
WHERE track_id = coalesce((SELECT canonical_id FROM track_redirects WHERE track_id = %(track)s), %(track)s);
