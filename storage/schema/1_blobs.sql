-- Blobs: what is known of payloads' bytes, once per hash.
CREATE TABLE blob (
  hash       BLOB PRIMARY KEY,
  length     INTEGER NOT NULL,
  kind       INTEGER NOT NULL,           -- blob.Kind
  complete   INTEGER NOT NULL,           -- 1 if all groups are verified
  have_bytes INTEGER NOT NULL,           -- verified bytes
  have       BLOB,                       -- verified groups, if not complete
  bytes      BLOB,                       -- if inline and complete
  path       TEXT,                       -- if in place: the user's file
  size       INTEGER,
  mtime_ns   INTEGER,
  ctime_ns   INTEGER,
  inode      INTEGER
) STRICT;

CREATE INDEX blob_path ON blob (path) WHERE path IS NOT NULL;
CREATE INDEX blob_partial ON blob (hash) WHERE complete = 0;

-- Which scope (namespace, subspace) holds a blob, complete or not.
CREATE TABLE held (
  hash  BLOB NOT NULL,
  scope BLOB NOT NULL,
  PRIMARY KEY (hash, scope)
) STRICT, WITHOUT ROWID;
