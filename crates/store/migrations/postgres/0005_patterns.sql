-- Patterns of messages that no rule wants: exactly those that the judge holds, as it holds them.

CREATE TABLE patterns (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key          TEXT COLLATE "C" NOT NULL, -- the mnemonic, the trap's OID, or the program
    state        TEXT COLLATE "C" NOT NULL,
    count        BIGINT NOT NULL,
    first_seen   BIGINT NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
    last_seen    BIGINT NOT NULL,
    hour         BIGINT NOT NULL, -- the last hour that it was seen in, in hours since 1970-01-01T00:00:00Z
    hour_count   BIGINT NOT NULL, -- events of that hour
    before_count BIGINT NOT NULL, -- events of the hour before it
    hosts        TEXT   NOT NULL, -- the names that are known, a line each, in lower case
    teams        TEXT   NOT NULL, -- the same
    words        TEXT   NOT NULL, -- what is searched, in lower case
    aliases      TEXT   NOT NULL, -- ids of patterns that became one with it
    body         TEXT   NOT NULL  -- JSON
);
CREATE INDEX patterns_key ON patterns (key);

-- What was counted since mining began: one row.
CREATE TABLE mining (
    id   BIGINT NOT NULL PRIMARY KEY,
    body TEXT   NOT NULL -- JSON
);

-- What people decided of patterns, until the judge has done it.
CREATE TABLE pattern_decisions (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body   TEXT NOT NULL -- JSON
);
