-- What the administration of realms, clients and roles adds.

-- What clients of Keycloak's API write and read again and nothing here acts on.
ALTER TABLE realm ADD COLUMN kept TEXT NOT NULL DEFAULT '{}'; -- JSON, field -> value

-- Which edition of the built-in roles and scopes the realm has (realm::furnish).
ALTER TABLE realm ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;

-- Realms that are gone from `realm`, and what of them may still be there.
CREATE TABLE realm_removal (
    realm_id   TEXT PRIMARY KEY,
    removed_at INTEGER NOT NULL
) STRICT;

ALTER TABLE client ADD COLUMN kept TEXT NOT NULL DEFAULT '{}'; -- as realm.kept
ALTER TABLE client ADD COLUMN secret_sealed TEXT; -- crypto::vault; NULL when only the hash is known

ALTER TABLE role ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}'; -- JSON, name -> [value]

CREATE TABLE client_scope (
    id          TEXT PRIMARY KEY,
    realm_id    TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    protocol    TEXT NOT NULL,
    attributes  TEXT NOT NULL, -- JSON, name -> value
    place       TEXT,          -- where new clients get it: 'default', 'optional'; NULL nowhere
    UNIQUE (realm_id, name)
) STRICT;

-- Which scopes a client has.
CREATE TABLE scope_of_client (
    client_uuid TEXT NOT NULL,
    scope_id    TEXT NOT NULL,
    place       TEXT NOT NULL, -- 'default' or 'optional'
    PRIMARY KEY (client_uuid, scope_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX scope_of_client_holders ON scope_of_client (scope_id);

-- What a scope or a client puts into tokens.
CREATE TABLE protocol_mapper (
    id        TEXT PRIMARY KEY,
    realm_id  TEXT NOT NULL,
    parent_id TEXT NOT NULL, -- client.id or client_scope.id
    name      TEXT NOT NULL,
    protocol  TEXT NOT NULL,
    mapper    TEXT NOT NULL, -- the kind, such as oidc-full-name-mapper
    config    TEXT NOT NULL, -- JSON, name -> value
    UNIQUE (parent_id, name)
) STRICT;

CREATE INDEX protocol_mapper_of_realm ON protocol_mapper (realm_id);
