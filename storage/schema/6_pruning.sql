-- Prunes under way: live entries that prune more than a commit takes away at once.
-- What else they prune lies at keys from at on, below their own key. ts, len and
-- digest tell which entry it is: once another is live there, it is over.
CREATE TABLE pruning (
  ns     INTEGER NOT NULL,
  key    BLOB NOT NULL,
  ts     INTEGER NOT NULL,
  len    INTEGER NOT NULL,
  digest BLOB NOT NULL,
  at     BLOB NOT NULL,
  PRIMARY KEY (ns, key)
) STRICT, WITHOUT ROWID;
