-- Who is signed in, who tried to, and what was done by whom.

-- Of a session's id only its SHA-256 is kept.
CREATE TABLE sessions (
    digest  TEXT   NOT NULL PRIMARY KEY,
    who     TEXT   NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    body    TEXT   NOT NULL -- JSON
);
CREATE INDEX sessions_who ON sessions (who, made_at);

-- Attempts to sign in that were no success, since the last one that was.
CREATE TABLE sign_ins (
    name     TEXT   NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);

-- Numbers are dense, from 1; each hash is over the one before and the row's own number and body.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    who    TEXT   NOT NULL,
    what   TEXT   NOT NULL,
    item   TEXT   NOT NULL,
    body   TEXT   NOT NULL, -- JSON, all of it
    hash   TEXT   NOT NULL
);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only ever appended to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only ever appended to'); END;
