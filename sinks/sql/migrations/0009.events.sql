-- What Resident Advisor says of an event beside the first form: times as printed there, of no known zone.
ALTER TABLE silver_events
    ADD COLUMN page_kind   text,
    ADD COLUMN area        text,
    ADD COLUMN start_local text,
    ADD COLUMN end_local   text,
    ADD COLUMN festival    boolean,
    ADD COLUMN interested  integer,
    ADD COLUMN lineup_text text,
    ADD COLUMN warnings    text[] NOT NULL DEFAULT '{}';
