-- Tracklists that a site itself marks as identical: one performance, which counts once.

ALTER TABLE resolver_playlists ADD COLUMN identical_to text[] NOT NULL DEFAULT '{}';
CREATE INDEX resolver_playlists_identical_to ON resolver_playlists USING gin (identical_to);
COMMENT ON COLUMN resolver_playlists.identical_to IS
'ids of tracklists of the same site that the site marks as identical with all of this one';

ALTER TABLE set_links ADD COLUMN marked boolean NOT NULL DEFAULT false;
ALTER TABLE set_links ALTER COLUMN days_apart DROP NOT NULL;
COMMENT ON COLUMN set_links.days_apart IS 'days between the set dates; NULL: a date is unknown';
COMMENT ON COLUMN set_links.marked IS 'true: the site itself marks the two tracklists as identical';
