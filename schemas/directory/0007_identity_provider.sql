-- Identity providers: a realm's, with the organizations that use them. Here and
-- not in the organizations' objects, because an alias is unique in its realm and
-- one provider may serve several organizations (docs/decisions/0004).
CREATE TABLE identity_provider (
    id          TEXT PRIMARY KEY,
    realm_id    TEXT NOT NULL,
    alias       TEXT NOT NULL,
    provider_id TEXT NOT NULL, -- its kind: 'oidc', 'saml', ...
    settings    TEXT NOT NULL, -- JSON of federation::provider::Settings
    secret      TEXT,          -- encrypted (crypto::vault)
    created_at  INTEGER NOT NULL,
    UNIQUE (realm_id, alias)
) STRICT;

-- Which organizations a provider signs people in to.
CREATE TABLE identity_provider_org (
    realm_id             TEXT NOT NULL,
    org_id               TEXT NOT NULL,
    identity_provider_id TEXT NOT NULL,
    domains              TEXT NOT NULL, -- JSON, [e-mail domain that leads here]
    linked_at            INTEGER NOT NULL,
    PRIMARY KEY (realm_id, org_id, identity_provider_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_provider_org_users ON identity_provider_org (identity_provider_id);

-- What is made of a provider's claims.
CREATE TABLE identity_provider_mapper (
    id                   TEXT PRIMARY KEY,
    identity_provider_id TEXT NOT NULL,
    name                 TEXT NOT NULL,
    mapper               TEXT NOT NULL, -- such as 'oidc-user-attribute-idp-mapper'
    config               TEXT NOT NULL, -- JSON, name -> value
    UNIQUE (identity_provider_id, name)
) STRICT;

-- A provider takes along what belongs to it.
CREATE TRIGGER identity_provider_gone AFTER DELETE ON identity_provider
BEGIN
    DELETE FROM identity_provider_org WHERE identity_provider_id = OLD.id;
    DELETE FROM identity_provider_mapper WHERE identity_provider_id = OLD.id;
END;

-- An organization that is deleted leaves its providers to the realm.
CREATE TRIGGER organization_leaves_providers AFTER DELETE ON organization
BEGIN
    DELETE FROM identity_provider_org WHERE realm_id = OLD.realm_id AND org_id = OLD.id;
END;

-- A realm that stops sharing starts anew: no provider belongs to any
-- organization until it is assigned again (reference phasetwo.md §2).
CREATE TRIGGER realm_stops_sharing AFTER UPDATE OF settings ON realm
WHEN coalesce(json_extract(OLD.settings, '$.shared_idps'), 0)
 AND NOT coalesce(json_extract(NEW.settings, '$.shared_idps'), 0)
BEGIN
    DELETE FROM identity_provider_org WHERE realm_id = NEW.id;
END;
