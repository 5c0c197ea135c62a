-- Records of refresh that Kafka may not have yet. They are written in the transaction that computes them: a process that
-- dies between delivery and commit would otherwise leave a record in the topic that the tables never had.

CREATE TABLE refresh_unsent (
    topic                 text NOT NULL,
    key                   text NOT NULL,
    record                bytea NOT NULL,
    PRIMARY KEY (topic, key)
);

COMMENT ON TABLE refresh_unsent IS
    'Newest records of refresh that Kafka has not acknowledged. Rows are deleted when it has.';
COMMENT ON COLUMN refresh_unsent.topic IS 'topic without prefix and version';
COMMENT ON COLUMN refresh_unsent.key IS 'key of the record';
COMMENT ON COLUMN refresh_unsent.record IS 'encoded record';
