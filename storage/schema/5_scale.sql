-- Newest first. Several entries of one time are told apart by their rows.
CREATE INDEX entry_time ON entry (ns, ts);
