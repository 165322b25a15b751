-- What changed last, by this database's clock, so that people who look on see it; dead letters that
-- are sent again; and what each process says of itself.

ALTER TABLE alerts ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX alerts_changed ON alerts (changed_at);

ALTER TABLE deliveries ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN replays BIGINT NOT NULL DEFAULT 0; -- how often it was put back
CREATE INDEX deliveries_changed ON deliveries (changed_at);

CREATE TABLE reports (
    name TEXT   NOT NULL PRIMARY KEY, -- the process
    at   BIGINT NOT NULL,
    body TEXT   NOT NULL -- JSON
);
