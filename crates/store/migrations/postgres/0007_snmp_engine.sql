-- MUTT as an SNMP engine: one row, the same for all processes. Its time is how long ago its epoch was.

CREATE TABLE snmp_engine (
    name   TEXT   NOT NULL PRIMARY KEY, -- mutt
    engine TEXT   NOT NULL, -- snmpEngineID in hexadecimal
    boots  BIGINT NOT NULL, -- snmpEngineBoots
    epoch  BIGINT NOT NULL  -- when snmpEngineTime was 0, by this database's clock
);
