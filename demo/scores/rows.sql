-- Every identified row with its track and its artists
SELECT playlist_id, row_index, track_id, artist_names FROM silver_playlist_tracks WHERE track_id IS NOT NULL
