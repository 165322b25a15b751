-- What people decide, as it is, and every change of it. Names are compared byte by byte
-- (COLLATE "C").

CREATE TABLE items (
    kind     TEXT COLLATE "C" NOT NULL, -- rule, host, team, setting, key
    name     TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL, -- the one that made it what it is
    body     TEXT   NOT NULL, -- JSON
    PRIMARY KEY (kind, name)
);

-- Numbers are dense, from 1: who makes the next one was first.
CREATE TABLE revisions (
    number  BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    who     TEXT   NOT NULL,
    why     TEXT   NOT NULL,
    changes BIGINT NOT NULL -- rows of revision_items
);

CREATE TABLE revision_items (
    revision BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    before   TEXT, -- JSON; none: made here
    after    TEXT, -- JSON; none: deleted here
    PRIMARY KEY (revision, kind, name)
);
CREATE INDEX revision_items_of ON revision_items (kind, name, revision);
