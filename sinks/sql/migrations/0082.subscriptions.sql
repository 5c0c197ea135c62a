-- What people follow. Written by `songnodes follow`; the events of a feed are computed when it is read.

CREATE TABLE feed_subscriptions (
    list_name             text NOT NULL CHECK (list_name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    kind                  text NOT NULL CHECK (kind IN ('track', 'artist', 'label', 'dj')),
    target_id             text NOT NULL,
    name                  text NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (list_name, kind, target_id)
);

COMMENT ON TABLE feed_subscriptions IS 'Tracks, artists, labels and DJs that a list follows. Written by songnodes follow.';
COMMENT ON COLUMN feed_subscriptions.list_name IS 'name of the list: lower-case letters, digits, _ and -';
COMMENT ON COLUMN feed_subscriptions.kind IS 'track, artist (as producer), label, or dj';
COMMENT ON COLUMN feed_subscriptions.target_id IS
'track id, artist id, or the name of the label in lower case; a track id that was merged later leads to the other track';
COMMENT ON COLUMN feed_subscriptions.name IS 'name as it was when it was followed';
COMMENT ON COLUMN feed_subscriptions.created_at IS 'time at which it was followed';
