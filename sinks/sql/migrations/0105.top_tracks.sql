-- Names are read by primary key for the tracks that are listed: a plan for all genres would read all tracks.

CREATE OR REPLACE VIEW gold_top_tracks_by_genre AS
SELECT genre, counts.track_name, counts.primary_artist, counts.play_count, best.trending_score, best.rank, best.track_id
FROM gold_genres
CROSS JOIN LATERAL (
    SELECT trending_score,
           row_number() OVER (ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C") AS rank, track_id
    FROM (
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[1] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[2] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[3] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[4] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[5] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
    ) AS tracks
    ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C"
    LIMIT 200
) AS best
CROSS JOIN LATERAL (
    SELECT track_name, primary_artist, play_count FROM gold_track_counts WHERE track_id = best.track_id OFFSET 0
) AS counts;
