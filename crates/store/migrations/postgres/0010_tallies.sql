-- Numbers by the hour are asked for by their kind.

CREATE INDEX tallies_kind ON tallies (kind, hour, name);
