-- Users as administrators find and change them; what people and administrators
-- did, ready to be asked.

ALTER TABLE user ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';       -- JSON, name -> [value]
ALTER TABLE user ADD COLUMN required_actions TEXT NOT NULL DEFAULT '[]'; -- JSON, [action]

CREATE INDEX user_by_first_name ON user (realm_id, first_name COLLATE NOCASE);
CREATE INDEX user_by_last_name ON user (realm_id, last_name COLLATE NOCASE);

-- `user.attributes`, a row per value; kept by triggers.
CREATE TABLE user_attribute (
    realm_id TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL
) STRICT;

CREATE INDEX user_attribute_of_user ON user_attribute (user_id);
CREATE INDEX user_attribute_by_value ON user_attribute (realm_id, name, value);

-- The number by which the search index knows a user; kept by triggers.
CREATE TABLE user_text (
    number  INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE
) STRICT;

-- Parts of names, three characters and more; its rowid is `user_text.number`.
CREATE VIRTUAL TABLE user_search USING fts5 (
    username, email, first_name, last_name, tokenize = 'trigram'
);

-- How many people a realm has; kept by triggers. Service accounts do not count.
CREATE TABLE user_tally (
    realm_id TEXT PRIMARY KEY,
    people   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO user_text (user_id) SELECT id FROM user;

INSERT INTO user_search (rowid, username, email, first_name, last_name)
SELECT user_text.number, user.username, user.email, user.first_name, user.last_name
  FROM user_text
  JOIN user ON user.id = user_text.user_id;

INSERT INTO user_tally (realm_id, people)
SELECT realm_id, count(*) FROM user WHERE service_account_for IS NULL GROUP BY realm_id;

CREATE TRIGGER user_added AFTER INSERT ON user
BEGIN
    INSERT INTO user_text (user_id) VALUES (NEW.id);
    INSERT INTO user_search (rowid, username, email, first_name, last_name)
    SELECT number, NEW.username, NEW.email, NEW.first_name, NEW.last_name
      FROM user_text
     WHERE user_id = NEW.id;
    INSERT INTO user_attribute (realm_id, user_id, name, value)
    SELECT NEW.realm_id, NEW.id, attribute.key, item.value
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
    INSERT INTO user_tally (realm_id, people)
    SELECT NEW.realm_id, 1 WHERE NEW.service_account_for IS NULL
    ON CONFLICT (realm_id) DO UPDATE SET people = people + 1;
END;

CREATE TRIGGER user_renamed AFTER UPDATE OF username, email, first_name, last_name ON user
BEGIN
    UPDATE user_search
       SET username = NEW.username, email = NEW.email,
           first_name = NEW.first_name, last_name = NEW.last_name
     WHERE rowid = (SELECT number FROM user_text WHERE user_id = NEW.id);
END;

CREATE TRIGGER user_described AFTER UPDATE OF attributes ON user
BEGIN
    DELETE FROM user_attribute WHERE user_id = NEW.id;
    INSERT INTO user_attribute (realm_id, user_id, name, value)
    SELECT NEW.realm_id, NEW.id, attribute.key, item.value
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
END;

-- What hangs on a user goes with the row, whoever deletes it. Memberships stay
-- until each organization has let the person go.
CREATE TRIGGER user_removed AFTER DELETE ON user
BEGIN
    DELETE FROM user_search WHERE rowid = (SELECT number FROM user_text WHERE user_id = OLD.id);
    DELETE FROM user_text WHERE user_id = OLD.id;
    DELETE FROM user_attribute WHERE user_id = OLD.id;
    DELETE FROM user_role WHERE user_id = OLD.id;
    DELETE FROM federated_identity WHERE user_id = OLD.id;
    UPDATE user_tally
       SET people = people - 1
     WHERE realm_id = OLD.realm_id AND OLD.service_account_for IS NULL;
END;

-- Who a person is at an identity provider.
CREATE TABLE federated_identity (
    realm_id          TEXT NOT NULL,
    user_id           TEXT NOT NULL,
    provider          TEXT NOT NULL, -- its alias
    provider_user_id  TEXT NOT NULL,
    provider_username TEXT NOT NULL,
    PRIMARY KEY (user_id, provider),
    UNIQUE (realm_id, provider_user_id, provider)
) STRICT, WITHOUT ROWID;

CREATE INDEX federated_identity_of_provider ON federated_identity (realm_id, provider);

-- Users who are deleted here and may not be everywhere yet.
CREATE TABLE user_erasure (
    user_id    TEXT PRIMARY KEY,
    realm_id   TEXT NOT NULL,
    started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX user_erasure_by_age ON user_erasure (started_at);

-- What people did, or tried: in the words of Keycloak's events.
CREATE TABLE user_event (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    realm_id   TEXT NOT NULL,
    at         INTEGER NOT NULL,
    type       TEXT NOT NULL,
    client_id  TEXT,
    user_id    TEXT,
    session_id TEXT,
    ip_address TEXT,
    error      TEXT,
    details    TEXT NOT NULL -- JSON, name -> text
) STRICT;

CREATE INDEX user_event_by_time ON user_event (realm_id, at);
CREATE INDEX user_event_of_type ON user_event (realm_id, type, at);
CREATE INDEX user_event_of_client ON user_event (realm_id, client_id, at);
CREATE INDEX user_event_of_user ON user_event (realm_id, user_id, at);
CREATE INDEX user_event_from ON user_event (realm_id, ip_address, at);

-- What administrators ask about an admin event.
ALTER TABLE event ADD COLUMN operation TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.operationType')) VIRTUAL;
ALTER TABLE event ADD COLUMN resource_type TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.resourceType')) VIRTUAL;
ALTER TABLE event ADD COLUMN resource_path TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.resourcePath')) VIRTUAL;
ALTER TABLE event ADD COLUMN auth_realm TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.authDetails.realmId')) VIRTUAL;
ALTER TABLE event ADD COLUMN auth_client TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.authDetails.clientId')) VIRTUAL;
ALTER TABLE event ADD COLUMN auth_user TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.authDetails.userId')) VIRTUAL;
ALTER TABLE event ADD COLUMN auth_ip TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.authDetails.ipAddress')) VIRTUAL;

CREATE INDEX event_of_operation ON event (realm_id, operation, resource_type, at);
CREATE INDEX event_of_operation_by_time ON event (realm_id, operation, at);
CREATE INDEX event_of_type ON event (realm_id, resource_type, at);
CREATE INDEX event_of_path ON event (realm_id, resource_path, at);
CREATE INDEX event_of_auth_realm ON event (realm_id, auth_realm, at);
CREATE INDEX event_of_auth_client ON event (realm_id, auth_client, at);
CREATE INDEX event_of_auth_user ON event (realm_id, auth_user, at);
CREATE INDEX event_of_auth_ip ON event (realm_id, auth_ip, at);
