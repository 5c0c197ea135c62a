-- Time at which the calls of a track that are due again are sent.
SELECT due_at FROM enrichment_rechecks WHERE subject = %s;
