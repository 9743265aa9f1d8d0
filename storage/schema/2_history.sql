-- From this version on what is deleted is overwritten. A database that is older
-- has remains of it in its free pages: it is written anew once, see History.Scrub.
INSERT INTO value (name, value)
  SELECT 'storage/unclean', x'01' WHERE EXISTS (SELECT 1 FROM namespace);
