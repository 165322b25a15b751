-- Judging by partition: what judges find for the correlator, and what all others have to say to it.

ALTER TABLE cursors ADD COLUMN time BIGINT NOT NULL DEFAULT 0; -- nothing older than this is still to come

-- What a judge found in one run of a partition's messages, until the correlator has it.
CREATE TABLE signals (
    partition BIGINT NOT NULL,
    source    BIGINT NOT NULL, -- from this position
    target    BIGINT NOT NULL, -- up to, not including, this one
    time      BIGINT NOT NULL, -- the append time of the last of them
    body      TEXT   NOT NULL, -- JSON
    PRIMARY KEY (partition, source)
);

-- Signals of no message: MUTT's own alerts, and patterns.
CREATE TABLE posted (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body   TEXT NOT NULL -- JSON
);
