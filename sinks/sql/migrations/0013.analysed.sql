-- How each track looked when the sets with it were analysed last: what their analytics take of a track, and
-- nothing else, so that one more play of a track that is in a thousand sets makes none of them anew. A track
-- that is missing here had none of it.
CREATE TABLE analysed_tracks (
    track_id              text PRIMARY KEY,
    looks                 text NOT NULL
);
