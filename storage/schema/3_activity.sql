-- The device's log (core/activity.Row). at is Unix microseconds, path raw bytes,
-- text is what a search looks in, in lower case. An absent name is '', an absent
-- key or path x''. Rows are few (100,000) and small: a search reads them all.
CREATE TABLE activity (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  at       INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  device   TEXT NOT NULL,
  endpoint BLOB NOT NULL,
  space    TEXT NOT NULL,
  space_id BLOB NOT NULL,
  path     BLOB NOT NULL,
  bytes    INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  undo     TEXT NOT NULL,
  details  TEXT NOT NULL,              -- a JSON object, or ''
  text     TEXT NOT NULL
) STRICT;
