-- Ids of recordings in the archived answers of providers: evidence of the resolver, beside the rows of sets.

CREATE TABLE resolver_answers (
    answer_key            text NOT NULL PRIMARY KEY,
    claim_id              text NOT NULL,
    ids                   text[] NOT NULL,
    duration_ms           integer
);
CREATE INDEX resolver_answers_claim ON resolver_answers (claim_id);
CREATE INDEX resolver_answers_ids ON resolver_answers USING gin (ids) WITH (fastupdate = off);

CREATE VIEW resolver_evidence AS
SELECT claim_id, ids, duration_ms FROM resolver_sightings
UNION ALL
SELECT claim_id, ids, duration_ms FROM resolver_answers;

COMMENT ON TABLE resolver_answers IS
    'Ids of one recording in an archived answer of a provider that matches the track as requested, exactly or strongly.';
COMMENT ON COLUMN resolver_answers.answer_key IS 'key of the record in bronze.enrichments: track_id|attempt_id';
COMMENT ON COLUMN resolver_answers.claim_id IS 'id of the track that the answer was requested for';
COMMENT ON COLUMN resolver_answers.ids IS 'ids of the recording, each as name=value, sorted';
COMMENT ON COLUMN resolver_answers.duration_ms IS 'duration at the provider in milliseconds; NULL: not known';
COMMENT ON VIEW resolver_evidence IS 'Ids of claims in rows of sets and in answers of providers: what links them.';
COMMENT ON COLUMN resolver_evidence.claim_id IS 'id of the claim';
COMMENT ON COLUMN resolver_evidence.ids IS 'ids of the recording, each as name=value, sorted';
COMMENT ON COLUMN resolver_evidence.duration_ms IS 'duration in milliseconds; NULL: not known';
