-- Yearly reports as they were made.
CREATE TABLE gold_reports (
    year                  integer NOT NULL CHECK (year BETWEEN 1900 AND 2200),
    edition               integer NOT NULL CHECK (edition > 0),
    as_of                 date NOT NULL,
    definition            integer NOT NULL,
    sections              jsonb NOT NULL,
    pipeline_version      text NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (year, edition)
);

COMMENT ON TABLE gold_reports IS
    'Yearly reports. A report is never changed: a new computation is a new edition (docs/gold.md).';
COMMENT ON COLUMN gold_reports.year IS 'year of the plays';
COMMENT ON COLUMN gold_reports.edition IS 'number of the edition, from 1';
COMMENT ON COLUMN gold_reports.as_of IS 'day (UTC) on which the report was made: it has the plays stored then';
COMMENT ON COLUMN gold_reports.definition IS 'version of the rules of the report';
COMMENT ON COLUMN gold_reports.sections IS 'rows by section, in order of place, with the names of that day';
COMMENT ON COLUMN gold_reports.pipeline_version IS 'version of the code that made it';
COMMENT ON COLUMN gold_reports.created_at IS 'time at which it was stored';
