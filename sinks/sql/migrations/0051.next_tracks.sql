-- What to play after a track: what DJs played next or at the same time, and what fits in key, tempo and energy.

-- The pairs of several sets of a track in the order in which gold_next_tracks takes them.
DROP INDEX gold_transition_pairs_best;
CREATE INDEX gold_transition_pairs_best ON gold_transition_pairs (
    from_track_id, dj_count DESC, set_count DESC, last_date DESC NULLS LAST, to_track_id, kind
) WHERE set_count > 1;

-- Score of what was played: half of it decays with a half-life of two years after the last set.
CREATE FUNCTION played_score(supporters double precision, last_date date, as_of date) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN supporters / (supporters + 2)
        * (0.5 + CASE WHEN last_date IS NULL THEN 0 ELSE 0.5 * power(2, -greatest(as_of - last_date, 0) / 730.0) END);
COMMENT ON FUNCTION played_score(double precision, date, date) IS
'Score of a transition that DJs played, 0 to 1: supporters / (supporters + 2), of which half decays with a half-life of 730 days after the last set';

CREATE VIEW gold_next_tracks AS
SELECT source.track_id,
       partner.track_id AS next_track_id,
       next.track_name AS next_track_name,
       next.primary_artist AS next_artist,
       scores.score,
       scores.played,
       scores.harmony,
       partner.followed_djs,
       partner.followed_sets,
       partner.together_djs,
       partner.together_sets,
       partner.last_date,
       partner.gap_seconds,
       partner.followed_in,
       partner.together_in,
       CASE WHEN source.camelot IS NOT NULL AND next.camelot IS NOT NULL THEN coalesce(moves.move, 'clash') END
           AS key_relation,
       moves.compatibility,
       round(scores.bpm_change::numeric, 2) AS bpm_change,
       scores.energy_change
FROM gold_track_analytics AS source
CROSS JOIN LATERAL (
    SELECT candidates.track_id,
           coalesce(max(dj_count) FILTER (WHERE kind = 'followed'), 0) AS followed_djs,
           coalesce(max(set_count) FILTER (WHERE kind = 'followed'), 0) AS followed_sets,
           coalesce(max(dj_count) FILTER (WHERE kind = 'together'), 0) AS together_djs,
           coalesce(max(set_count) FILTER (WHERE kind = 'together'), 0) AS together_sets,
           -- a set without a DJ is of one unknown DJ
           sum(greatest(dj_count, 1) * CASE kind WHEN 'followed' THEN 1 WHEN 'together' THEN 0.5 END)
               ::double precision AS supporters,
           max(last_date) AS last_date,
           max(gap_seconds) AS gap_seconds,
           max(latest_sets) FILTER (WHERE kind = 'followed') AS followed_in,
           max(latest_sets) FILTER (WHERE kind = 'together') AS together_in
    FROM (
        (SELECT to_track_id AS track_id, kind, dj_count, set_count, last_date, gap_seconds, latest_sets
         FROM gold_transition_pairs
         WHERE from_track_id = source.track_id AND set_count > 1
         ORDER BY dj_count DESC, set_count DESC, last_date DESC NULLS LAST, to_track_id, kind
         LIMIT 100)
        UNION ALL
        (SELECT to_track_id, kind, dj_count, set_count, last_date, gap_seconds, latest_sets
         FROM gold_transition_pairs
         WHERE from_track_id = source.track_id AND set_count = 1
         ORDER BY to_track_id, kind
         LIMIT 100)
        UNION ALL
        SELECT id AS track_id, NULL AS kind, NULL AS dj_count, NULL AS set_count, NULL AS last_date, NULL AS gap_seconds,
               NULL AS latest_sets
        FROM unnest(source.harmonic_matches) AS id
    ) AS candidates
    GROUP BY candidates.track_id
) AS partner
LEFT JOIN gold_track_analytics AS next ON next.track_id = partner.track_id
LEFT JOIN harmonic_moves AS moves ON moves.camelot = source.camelot AND moves.other = next.camelot
CROSS JOIN LATERAL (
    SELECT folded_tempo(next.bpm::double precision, source.bpm::double precision) - source.bpm AS bpm_change,
           next.energy - source.energy AS energy_change,
           -- NULL: not played by any DJ; key or tempo unknown
           played_score(partner.supporters, partner.last_date, (SELECT as_of FROM refresh_state)) AS played,
           CASE WHEN source.camelot IS NOT NULL AND next.camelot IS NOT NULL THEN greatest(
               0, harmonic_score(coalesce(moves.weight, 0), next.bpm, source.bpm, next.confidence_score)
           ) * coalesce(1 - abs(next.energy - source.energy) / 2, 1) END AS harmony
) AS parts
CROSS JOIN LATERAL (
    SELECT parts.*, 1 - (1 - coalesce(played, 0)) * (1 - 0.5 * coalesce(harmony, 0)) AS score
) AS scores;

COMMENT ON VIEW gold_next_tracks IS
'What to play after a track, with evidence: what DJs played next or at the same time, and the harmonic matches. Query one track, ordered by score';
COMMENT ON COLUMN gold_next_tracks.track_id IS 'the track that plays';
COMMENT ON COLUMN gold_next_tracks.next_track_id IS 'the track suggested';
COMMENT ON COLUMN gold_next_tracks.next_track_name IS 'title of the suggested track with its version, as displayed';
COMMENT ON COLUMN gold_next_tracks.next_artist IS 'first artist of the suggested track';
COMMENT ON COLUMN gold_next_tracks.score IS '1 - (1 - played) * (1 - harmony / 2), 0 to 1; a part that is NULL is left out';
COMMENT ON COLUMN gold_next_tracks.played IS
'what DJs did, 0 to 1: supporters / (supporters + 2), of which half decays with a half-life of 730 days after the last set; supporters are distinct DJs, half for together; NULL if no counted set has the pair';
COMMENT ON COLUMN gold_next_tracks.harmony IS
'theory, 0 to 1: weight of the move of keys, times closeness of the tempo (6 BPM, half and double folded), times confidence, times 1 - energy change / 2 where both energies are known; NULL if a key or tempo is unknown';
COMMENT ON COLUMN gold_next_tracks.followed_djs IS 'distinct DJs who played it next';
COMMENT ON COLUMN gold_next_tracks.followed_sets IS 'counted sets in which it was played next';
COMMENT ON COLUMN gold_next_tracks.together_djs IS 'distinct DJs who played both at the same time';
COMMENT ON COLUMN gold_next_tracks.together_sets IS 'counted sets in which both were played at the same time';
COMMENT ON COLUMN gold_next_tracks.last_date IS 'day of the last of these sets; NULL if none has a valid date';
COMMENT ON COLUMN gold_next_tracks.gap_seconds IS 'typical gap from cue to cue in seconds, where it was played next';
COMMENT ON COLUMN gold_next_tracks.followed_in IS
'evidence: playlist ids of at most 5 sets in which it was played next, the latest first';
COMMENT ON COLUMN gold_next_tracks.together_in IS
'evidence: playlist ids of at most 5 sets in which both were played at the same time, the latest first';
COMMENT ON COLUMN gold_next_tracks.key_relation IS 'move of the keys in harmonic_moves, or clash; NULL if a key is unknown';
COMMENT ON COLUMN gold_next_tracks.compatibility IS 'class of the move: perfect, compatible or possible; NULL for a clash';
COMMENT ON COLUMN gold_next_tracks.bpm_change IS
'tempo of the suggested track minus that of the first in BPM, folded to the octave of the first';
COMMENT ON COLUMN gold_next_tracks.energy_change IS 'energy of the suggested track minus that of the first, -1 to 1';
