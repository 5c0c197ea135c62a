-- One performance that a site has twice: the condition that both the resolver's search and its marks use.

-- At least 8 different claims in each list, and 9 of 10 of the shorter one in both. Symmetric. Their order is
-- compared in the program. Lists over 2,000 rows are not compared.
CREATE FUNCTION resolver_repeats(one text[], other text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN cardinality(one) NOT BETWEEN 8 AND 2000 OR cardinality(other) NOT BETWEEN 8 AND 2000 THEN false
    WHEN NOT one && other THEN false
    ELSE (
        SELECT least(count(DISTINCT a.claim), count(DISTINCT b.claim)) >= 8
            AND count(DISTINCT a.claim) FILTER (WHERE b.claim IS NOT NULL)
                >= 0.9 * least(count(DISTINCT a.claim), count(DISTINCT b.claim))
        FROM unnest(one) AS a (claim) FULL JOIN unnest(other) AS b (claim) ON a.claim = b.claim
    )
END;
COMMENT ON FUNCTION resolver_repeats(text[], text[]) IS
'True where two lists of claims may be one performance twice on a site: 8 claims each, 0.9 of the shorter common';
