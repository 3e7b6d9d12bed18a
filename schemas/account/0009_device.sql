-- How often the person typed a device's code lately (RFC 8628 §5.1).
CREATE TABLE device_guess (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    guesses INTEGER NOT NULL,
    since   INTEGER NOT NULL
) STRICT;
