-- The ledger of producers: fetches that Kafka has acknowledged, so that the same files again publish nothing.
-- Losing it loses nothing but that: a page published twice changes no table.

CREATE TABLE producer_pages (
    page_id      text NOT NULL,                  -- source:kind:native-id
    sha256       text NOT NULL,                  -- of the body
    fetched_at   timestamptz NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (page_id, sha256, fetched_at)
);
