-- The tracks that a DJ broke are found by an index on the first five DJs of tracks: a busy DJ has played thousands of
-- others, each of which would be looked up.

CREATE INDEX gold_track_support_first_djs ON gold_track_support USING gin ((early_dj_ids[1:5]))
    WHERE dated_supporters >= 10;

-- The DJ is looked up first, so that the index is asked for one DJ and not for one track each.
CREATE OR REPLACE VIEW gold_dj_breaks AS
SELECT supports.dj_id,
       supports.track_id,
       array_position(support.early_dj_ids, supports.dj_id::text) AS place,
       support.supporters,
       supports.first_date,
       supports.first_playlist_id,
       support.median_date - supports.first_date AS lead_days
FROM (SELECT DISTINCT dj_id FROM track_supports) AS djs
JOIN gold_track_support AS support
  ON support.early_dj_ids[1:5] @> ARRAY[djs.dj_id::text] AND support.dated_supporters >= 10
JOIN track_supports AS supports ON supports.dj_id = djs.dj_id AND supports.track_id = support.track_id;
