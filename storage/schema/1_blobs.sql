-- Blobs: what is known of payloads' bytes, once per hash.
CREATE TABLE blob (
  hash       BLOB PRIMARY KEY,
  length     INTEGER NOT NULL,           -- a claim until complete
  kind       INTEGER NOT NULL,           -- blob.Kind
  complete   INTEGER NOT NULL,           -- 1 if all groups are verified
  have_bytes INTEGER NOT NULL,           -- verified bytes
  have       BLOB,                       -- verified groups, if not complete
  bytes      BLOB,                       -- if inline
  touched    INTEGER NOT NULL            -- Unix seconds of the last put
) STRICT;

-- The user's files that blobs in place are in. Paths are raw bytes; rank 0 is
-- looked at first.
CREATE TABLE blob_place (
  hash     BLOB NOT NULL,
  rank     INTEGER NOT NULL,
  path     BLOB NOT NULL,
  size     INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode    INTEGER NOT NULL,
  PRIMARY KEY (hash, rank)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_place_path ON blob_place (path);

-- Which scope (namespace, subspace) holds a complete blob.
CREATE TABLE held (
  hash  BLOB NOT NULL,
  scope BLOB NOT NULL,
  PRIMARY KEY (hash, scope)
) STRICT, WITHOUT ROWID;

-- What came through a scope of a blob that it doesn't hold yet.
CREATE TABLE held_partly (
  hash  BLOB NOT NULL,
  scope BLOB NOT NULL,
  have  BLOB NOT NULL,                   -- groups
  PRIMARY KEY (hash, scope)
) STRICT, WITHOUT ROWID;

-- Lengths that no blob with this hash has.
CREATE TABLE refuted (
  hash   BLOB NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (hash, length)
) STRICT, WITHOUT ROWID;
