-- The score of a track without support in a year was below one millionth and another each day: a write for each track that
-- was ever played. It is 0 now, and stays it.

CREATE OR REPLACE FUNCTION trending_rates(dates date[], weights double precision[], as_of date)
    RETURNS TABLE (fast double precision, slow double precision, recent double precision)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN max(day) >= as_of - 365
               THEN sum(weight * exp(greatest(-ln(2::double precision) / 7 * age, -690))) * (ln(2::double precision) / 7)
               ELSE 0 END,
           coalesce(sum(weight * exp(greatest(-ln(2::double precision) / 56 * age, -690))), 0)
               * (ln(2::double precision) / 56),
           coalesce(sum(weight) FILTER (WHERE day >= as_of - 28), 0)
    FROM (
        SELECT day, weight, greatest(0::double precision, (as_of - day) - 0.5::double precision) AS age
        FROM unnest(dates, weights) AS support (day, weight)
        WHERE day < as_of
    ) AS days;
END;
