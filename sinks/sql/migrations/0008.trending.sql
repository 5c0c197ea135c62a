-- Trending (docs/domain.md, section 7) from the days of support. songnodes/domain/trending.py is the same in Python;
-- a test holds both together.

-- Supports per day at the beginning of `as_of`, decayed with half-lives of 7 and 56 days, and the support of
-- the 28 days before it. exp() fails on what rounds to 0, so ages beyond 10^-300 of weight stop there.
-- A set of one row, since such a function is planned into the query that calls it.
CREATE FUNCTION trending_rates(dates date[], weights double precision[], as_of date)
    RETURNS TABLE (fast double precision, slow double precision, recent double precision)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(sum(weight * exp(greatest(-ln(2::double precision) / 7 * age, -690))), 0)
               * (ln(2::double precision) / 7),
           coalesce(sum(weight * exp(greatest(-ln(2::double precision) / 56 * age, -690))), 0)
               * (ln(2::double precision) / 56),
           coalesce(sum(weight) FILTER (WHERE day >= as_of - 28), 0)
    FROM (
        SELECT day, weight, greatest(0::double precision, (as_of - day) - 0.5::double precision) AS age
        FROM unnest(dates, weights) AS support (day, weight)
        WHERE day < as_of
    ) AS days;
END;

-- The score, 0 to 1: the geometric mean of level and momentum; at most .3 for support under 2 in 28 days.
-- (1 + tanh(z / 2)) / 2 is the logistic function of z with z written once: so the planner can take it apart.
CREATE FUNCTION trending_score(
    fast double precision, slow double precision, recent double precision, kappa double precision
) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(
        CASE WHEN recent < 2 THEN 0.3 ELSE 1 END,
        sqrt(
            fast / (fast + kappa)
            * (1 + tanh((fast - slow) / sqrt((slow + 0.02) * (ln(2::double precision) / 7) / 2) / 2)) / 2
        )
    );
