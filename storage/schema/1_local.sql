-- Small values by name, of package mdn and (under "node/") of package node.
CREATE TABLE value (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Addresses at which an endpoint was reached; at is Unix microseconds.
CREATE TABLE address (
  endpoint BLOB NOT NULL,
  addr     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (endpoint, addr)
) STRICT, WITHOUT ROWID;
