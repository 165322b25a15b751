-- An alert's life: what it goes on from after a restart, what happened to it, what people decided,
-- and numbers by the hour.

ALTER TABLE alerts ADD COLUMN live_until BIGINT;              -- open: the last moment of time; ended: it may come back until then
ALTER TABLE alerts ADD COLUMN cause TEXT COLLATE "C" NOT NULL DEFAULT ''; -- the message that opened it
ALTER TABLE alerts ADD COLUMN words TEXT NOT NULL DEFAULT ''; -- what is searched, in lower case
UPDATE alerts SET live_until = 9223372036854775807 WHERE state = 'open';
DROP INDEX alerts_one_open;
DROP INDEX alerts_open;
CREATE UNIQUE INDEX alerts_one_open ON alerts (text_digest(signature)) WHERE state IN ('open', 'acknowledged');
CREATE INDEX alerts_open ON alerts (first_seen, id) WHERE state IN ('open', 'acknowledged');
CREATE INDEX alerts_live ON alerts (live_until) WHERE live_until IS NOT NULL;
CREATE INDEX alerts_cause ON alerts (cause);
CREATE INDEX alerts_host ON alerts (host, first_seen);
CREATE INDEX alerts_rule ON alerts (rule_id, first_seen);
CREATE INDEX alerts_signature ON alerts (text_digest(signature), first_seen);

-- What is remembered beside alerts: windows, sequences, who is expected, what flaps.
CREATE TABLE tracks (
    key  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body TEXT NOT NULL -- JSON
);

-- What happened to an alert; appended, never changed.
CREATE TABLE moments (
    number   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id TEXT COLLATE "C" NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    at       BIGINT  NOT NULL,
    body     TEXT    NOT NULL -- JSON
);
CREATE INDEX moments_alert ON moments (alert_id, number);

-- What people decided of alerts, until the judge has done it.
CREATE TABLE decisions (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body   TEXT    NOT NULL -- JSON
);

-- Numbers by the hour.
CREATE TABLE tallies (
    hour  BIGINT NOT NULL, -- hours since 1970-01-01T00:00:00Z
    kind  TEXT COLLATE "C" NOT NULL,
    name  TEXT COLLATE "C" NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (hour, kind, name)
);
