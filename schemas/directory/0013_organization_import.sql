-- Imports of organizations that have ended: committed, or given up by an object that
-- waited too long or was wanted by a later import. An id goes in once, so of the
-- two exactly one happens. Forgotten after a day, by the next import.
CREATE TABLE organization_import (
    id        TEXT PRIMARY KEY,
    committed INTEGER NOT NULL,
    ended_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX organization_import_by_age ON organization_import (ended_at);
