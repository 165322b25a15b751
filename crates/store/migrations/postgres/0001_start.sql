-- Only BIGINT and TEXT: what every database and sqlx's any-driver read alike. What is a name is
-- compared byte by byte (COLLATE "C"), whatever language the database sorts in.
-- Times are microseconds since 1970-01-01T00:00:00Z.

-- How far each reader has come in each partition of the journal.
CREATE TABLE cursors (
    reader    TEXT COLLATE "C" NOT NULL,
    partition BIGINT NOT NULL,
    journal   TEXT   NOT NULL,
    epoch     BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    counts    TEXT   NOT NULL, -- JSON: outcome → number
    PRIMARY KEY (reader, partition)
);

CREATE TABLE alerts (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    signature   TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL, -- open, cleared, closed
    rule_id     TEXT   NOT NULL,
    host        TEXT   NOT NULL,
    team        TEXT   NOT NULL,
    environment TEXT   NOT NULL,
    severity    BIGINT NOT NULL, -- Moogsoft's number, 0 to 5
    count       BIGINT NOT NULL,
    first_seen  BIGINT NOT NULL,
    last_seen   BIGINT NOT NULL,
    ended_at    BIGINT,
    body        TEXT   NOT NULL  -- JSON: the whole alert
);
-- By a digest, since a signature may be longer than an index takes. A function of our own, since
-- PostgreSQL cannot know that here the same text is always the same bytes.
CREATE FUNCTION text_digest(TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT sha256(convert_to($1, 'UTF8')) $$;
CREATE UNIQUE INDEX alerts_one_open ON alerts (text_digest(signature)) WHERE state = 'open';
CREATE INDEX alerts_open ON alerts (first_seen, id) WHERE state = 'open';
CREATE INDEX alerts_newest ON alerts (first_seen, id);
CREATE INDEX alerts_ended ON alerts (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE notices (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    alert_id TEXT COLLATE "C" NOT NULL REFERENCES alerts (id),
    kind     TEXT   NOT NULL, -- open, worse, clear
    made_at  BIGINT NOT NULL,
    body     TEXT   NOT NULL  -- JSON: the whole notice, with the alert as it was
);
CREATE INDEX notices_alert ON notices (alert_id);
CREATE INDEX notices_made ON notices (made_at);

CREATE TABLE deliveries (
    number      BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of making; never used twice
    destination TEXT COLLATE "C" NOT NULL,
    notice_id   TEXT COLLATE "C" NOT NULL REFERENCES notices (id),
    state       TEXT COLLATE "C" NOT NULL, -- waiting, delivered, dead
    attempts    BIGINT  NOT NULL,
    answer      TEXT,
    made_at     BIGINT  NOT NULL,
    done_at     BIGINT,
    UNIQUE (notice_id, destination)
);
CREATE INDEX deliveries_queue ON deliveries (destination, state, number);
CREATE INDEX deliveries_dead ON deliveries (number) WHERE state = 'dead';
CREATE INDEX deliveries_delivered ON deliveries (done_at) WHERE state = 'delivered';
