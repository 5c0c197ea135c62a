-- Tracklists that may be of one set with another: the condition that both the resolver's search and its marks use.
-- The planner replaces a call by the body, since the function is one SELECT and STABLE.

CREATE FUNCTION resolver_neighbours(
    of_id text, of_source text, of_dj_key text[], of_set_day date, of_claims text[], of_identical_to text[]
) RETURNS SETOF resolver_playlists
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT p.*
    FROM resolver_playlists AS p
    WHERE p.dj_key = of_dj_key
        AND p.set_day BETWEEN of_set_day - 183 AND of_set_day + 183
        AND (
            p.set_day BETWEEN of_set_day - 1 AND of_set_day + 1
            OR (p.source = of_source AND resolver_repeats(p.claims, of_claims))
        )
    UNION ALL
    SELECT p.* FROM resolver_playlists AS p WHERE p.playlist_id = ANY (of_identical_to)
    UNION ALL
    SELECT p.* FROM resolver_playlists AS p WHERE p.identical_to @> ARRAY[of_id]
$$;
COMMENT ON FUNCTION resolver_neighbours(text, text, text[], date, text[], text[]) IS
'Tracklists of the same line-up within a day, repeated by the same site within half a year, or marked as identical';
