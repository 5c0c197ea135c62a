-- Tables and filled materialised views of the pipeline, without those of the migrations' ledger.
SELECT c.relname, greatest(c.reltuples, 0)::bigint
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'm', 'p')
  AND (c.relkind <> 'm' OR c.relispopulated)
  AND c.relname !~ '^_?yoyo'
ORDER BY c.relname
