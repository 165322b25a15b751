-- Who may do a job, and until when by this database's clock, in microseconds since
-- 1970-01-01T00:00:00Z. A row stays, so that its epoch never falls back.

CREATE TABLE leases (
    name   TEXT   NOT NULL PRIMARY KEY, -- judge, archive/syslog, deliver/moogsoft, …
    holder TEXT   NOT NULL, -- empty: free
    epoch  BIGINT NOT NULL, -- raised each time that it is taken
    until  BIGINT NOT NULL
);
