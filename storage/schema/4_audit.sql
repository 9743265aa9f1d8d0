-- The device's audit log (core/audit.Row). at is Unix microseconds, path raw
-- bytes, text is what a search looks in, in lower case. An absent name is '', an
-- absent key or path x''.
CREATE TABLE audit (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  at        INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  person    TEXT NOT NULL,
  custodian BLOB NOT NULL,
  device    TEXT NOT NULL,
  endpoint  BLOB NOT NULL,
  space     TEXT NOT NULL,
  space_id  BLOB NOT NULL,
  path      BLOB NOT NULL,
  entries   INTEGER NOT NULL,
  bytes     INTEGER NOT NULL,
  route     TEXT NOT NULL,
  details   TEXT NOT NULL,             -- a JSON object, or ''
  text      TEXT NOT NULL
) STRICT;

CREATE INDEX audit_custodian ON audit (custodian, id) WHERE custodian <> x'';

-- When somebody was last sent something of a space.
CREATE TABLE audit_use (
  custodian BLOB NOT NULL,
  space_id  BLOB NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (custodian, space_id)
) STRICT, WITHOUT ROWID;
