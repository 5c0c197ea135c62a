-- Plays of a period: by the day as gold_plays counts it, and the tracks of a set without reading its rows.

CREATE INDEX silver_enriched_playlists_day ON silver_enriched_playlists ((
    CASE WHEN set_date_precision = 'day' AND isfinite(set_date)
          AND set_date - 30 <= (last_observed_at AT TIME ZONE 'UTC')::date
         THEN set_date END
)) WHERE counted;
CREATE INDEX silver_playlist_tracks_plays ON silver_playlist_tracks (playlist_id) INCLUDE (track_id)
    WHERE status = 'identified' AND track_id IS NOT NULL AND role <> 'component';
