-- Willow entries. u64 timestamps are stored XOR 2^63, so that they order as
-- signed integers; u64 lengths as the same 64 bits. A key is 32 bytes of
-- subspace, then the order-preserving key of the path (willow.Path.Key).

-- dying is 1 once an entry of the namespace has been live and died: only then
-- can what is in past become live again. want_*: live entries with have = 0.
CREATE TABLE namespace (
  id         INTEGER PRIMARY KEY,
  key        BLOB NOT NULL UNIQUE,
  dying      INTEGER NOT NULL DEFAULT 0,
  want_count INTEGER NOT NULL DEFAULT 0,
  want_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Capabilities that entries came with, each once. hash is the BLAKE3 of enc;
-- dead is 0 if all its entries are in entry, 1 if all are in dead, 2 if both
-- may hold some.
CREATE TABLE cap (
  id   INTEGER PRIMARY KEY,
  ns   INTEGER NOT NULL,
  hash BLOB NOT NULL,
  dead INTEGER NOT NULL,
  enc  BLOB NOT NULL,
  UNIQUE (ns, hash)
) STRICT;

-- Live entries. have is 1 if the payload is empty, or complete and held in the
-- entry's subspace.
CREATE TABLE entry (
  id     INTEGER PRIMARY KEY,
  ns     INTEGER NOT NULL,
  key    BLOB NOT NULL,
  ts     INTEGER NOT NULL,
  len    INTEGER NOT NULL,
  digest BLOB NOT NULL,
  cap    INTEGER NOT NULL,
  sig    BLOB NOT NULL,
  have   INTEGER NOT NULL,
  UNIQUE (ns, key)
) STRICT;

CREATE INDEX entry_digest ON entry (digest, have) WHERE len <> 0;
CREATE INDEX entry_want ON entry (ns, key) WHERE have = 0;

-- Entries under dead chains: they block nothing.
CREATE TABLE dead (
  ns     INTEGER NOT NULL,
  key    BLOB NOT NULL,
  ts     INTEGER NOT NULL,
  len    INTEGER NOT NULL,
  digest BLOB NOT NULL,
  cap    INTEGER NOT NULL,
  sig    BLOB NOT NULL,
  PRIMARY KEY (ns, key, ts, digest, len)
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_digest ON dead (digest) WHERE len <> 0;

-- History: what was live once, or came too late to be.
CREATE TABLE past (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  ns     INTEGER NOT NULL,
  key    BLOB NOT NULL,
  ts     INTEGER NOT NULL,
  len    INTEGER NOT NULL,
  digest BLOB NOT NULL,
  cap    INTEGER NOT NULL,
  sig    BLOB NOT NULL,
  gone   INTEGER NOT NULL,
  seen   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (ns, key, ts, digest, len)
) STRICT;

CREATE INDEX past_unseen ON past (ns, key) WHERE seen = 0;
CREATE INDEX past_digest ON past (digest) WHERE len <> 0;

-- Sums over runs of live entries in key order. Level 0 are leaves, level 1
-- covers runs of leaves, level 2 is the whole namespace. A node covers the keys
-- from lo to before the next lo of its level; the first of each level has an
-- empty lo. tmin and tmax bound the timestamps, and may be wider than they are.
CREATE TABLE node (
  id    INTEGER PRIMARY KEY,
  ns    INTEGER NOT NULL,
  level INTEGER NOT NULL,
  lo    BLOB NOT NULL,
  cnt   INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  tmin  INTEGER NOT NULL,
  tmax  INTEGER NOT NULL,
  acc   BLOB NOT NULL,
  UNIQUE (ns, level, lo)
) STRICT;
