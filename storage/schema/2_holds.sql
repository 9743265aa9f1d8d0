-- Holds of attached folders (core/folder.Hold): what waits for a person to say
-- what is to become of it. The files themselves are found anew at each start.
-- cause is a folder.Cause, place a path of raw bytes, since Unix microseconds.
CREATE TABLE hold (
  folder  INTEGER NOT NULL,
  id      TEXT NOT NULL,
  cause   INTEGER NOT NULL,
  place   BLOB NOT NULL,
  since   INTEGER NOT NULL,
  author  BLOB NOT NULL,
  removes INTEGER NOT NULL,
  total   INTEGER NOT NULL,
  before  INTEGER NOT NULL,
  silent  INTEGER NOT NULL,            -- 1 if nobody is asked any more
  PRIMARY KEY (folder, id)
) STRICT, WITHOUT ROWID;
