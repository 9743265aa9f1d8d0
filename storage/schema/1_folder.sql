-- Attached folders: what Meadow last read or wrote at each path, so that a
-- change is told from what is known (core/folder.Row). Times are nanoseconds;
-- inode is a u64 with the same 64 bits, ts a u64 XOR 2^63. The row with an empty
-- path is the folder's own.
CREATE TABLE folder (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE folder_row (
  folder   INTEGER NOT NULL,
  path     BLOB NOT NULL,            -- slash-separated raw bytes
  kind     INTEGER NOT NULL,         -- tree.Kind
  size     INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode    INTEGER NOT NULL,
  exec     INTEGER NOT NULL,
  ts       INTEGER NOT NULL,         -- of the version on disk
  digest   BLOB NOT NULL,
  PRIMARY KEY (folder, path)
) STRICT, WITHOUT ROWID;
