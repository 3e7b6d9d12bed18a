-- Which roles may pass into tokens through a client, or through a client scope.
CREATE TABLE scope_mapping (
    holder_id TEXT NOT NULL, -- client.id or client_scope.id
    role_id   TEXT NOT NULL,
    PRIMARY KEY (holder_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX scope_mapping_holders ON scope_mapping (role_id);

-- A mapping goes with either end, whoever deletes it.
CREATE TRIGGER role_leaves_scopes AFTER DELETE ON role
BEGIN
    DELETE FROM scope_mapping WHERE role_id = OLD.id;
END;

CREATE TRIGGER client_leaves_scope AFTER DELETE ON client
BEGIN
    DELETE FROM scope_mapping WHERE holder_id = OLD.id;
END;

CREATE TRIGGER client_scope_leaves_roles AFTER DELETE ON client_scope
BEGIN
    DELETE FROM scope_mapping WHERE holder_id = OLD.id;
END;

-- Whether a client's scope is all roles: kept without effect until now.
UPDATE client
   SET settings = json_set(settings, '$.full_scope_allowed',
                           json(iif(json_extract(kept, '$.fullScopeAllowed'), 'true', 'false'))),
       kept = json_remove(kept, '$.fullScopeAllowed')
 WHERE json_type(kept, '$.fullScopeAllowed') IN ('true', 'false');
