-- Who is signed in, who tried to, and what was done by whom.

-- Of a session's id only its SHA-256 is kept.
CREATE TABLE sessions (
    digest  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    who     TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    body    TEXT   NOT NULL -- JSON
);
CREATE INDEX sessions_who ON sessions (who, made_at);

-- Attempts to sign in that were no success, since the last one that was.
CREATE TABLE sign_ins (
    name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);

-- Numbers are dense, from 1; each hash is over the one before and the row's own number and body.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    who    TEXT COLLATE "C" NOT NULL,
    what   TEXT COLLATE "C" NOT NULL,
    item   TEXT COLLATE "C" NOT NULL,
    body   TEXT   NOT NULL, -- JSON, all of it
    hash   TEXT   NOT NULL
);
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only ever appended to';
END;
$$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
