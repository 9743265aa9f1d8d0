-- Statements of namespaces, as package mdn keeps them (FORMATS, "Statements").
CREATE TABLE statement (
  namespace BLOB NOT NULL,
  id        BLOB NOT NULL,
  raw       BLOB NOT NULL,
  PRIMARY KEY (namespace, id)
) STRICT;

-- Capabilities that this device was given. enumeration tells the encodings apart.
CREATE TABLE capability (
  namespace   BLOB NOT NULL,
  enumeration INTEGER NOT NULL,
  encoding    BLOB NOT NULL,
  PRIMARY KEY (namespace, enumeration, encoding)
) STRICT, WITHOUT ROWID;
