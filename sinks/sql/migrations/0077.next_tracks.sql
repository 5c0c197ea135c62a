-- The next track: one order for all pairs. Those of one set were taken by id, so a popular track showed any hundred of them.

DROP INDEX gold_transition_pairs_best;
CREATE INDEX gold_transition_pairs_best ON gold_transition_pairs (
    from_track_id, dj_count DESC, set_count DESC, last_date DESC NULLS LAST, to_track_id, kind
);

CREATE OR REPLACE VIEW gold_next_tracks AS
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
         WHERE from_track_id = source.track_id
         ORDER BY dj_count DESC, set_count DESC, last_date DESC NULLS LAST, to_track_id, kind
         LIMIT 200)
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
