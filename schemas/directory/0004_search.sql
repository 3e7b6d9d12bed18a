-- Finding organizations among very many: by a part of their name, by an
-- attribute, by how many there are. Kept by triggers on `organization`, so that
-- whoever writes there need not know.

-- The indexes below know an organization by a number.
CREATE TABLE organization_entry (
    number   INTEGER PRIMARY KEY,
    realm_id TEXT NOT NULL,
    org_id   TEXT NOT NULL,
    UNIQUE (realm_id, org_id)
) STRICT;

-- Three characters and more: a phrase of this index is "contains", case aside.
-- `realm` holds the last three characters of the realm's id, so that a realm
-- does not wade through the names of all others; `organization_entry` then says
-- which realm it really is.
CREATE VIRTUAL TABLE organization_text USING fts5 (
    realm, name, display_name,
    tokenize = 'trigram'
);

-- One character and two, which have no trigram: every one and every pair of the
-- names is a word here, in hexadecimal because the tokenizer knows letters and
-- digits only, behind the same three characters of the realm. Letters outside
-- ASCII stand as they are written: who asks names both cases.
CREATE VIRTUAL TABLE organization_gram USING fts5 (
    grams,
    tokenize = 'ascii', detail = 'none', content = '', contentless_delete = 1
);

-- The places of a text of 2 times 255 characters and a line break between.
CREATE VIEW organization_spot (place) AS
WITH RECURSIVE spot (place) AS (
    SELECT 1 UNION ALL SELECT place + 1 FROM spot WHERE place < 511
)
SELECT place FROM spot;

CREATE TABLE organization_attribute (
    realm_id TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    org_id   TEXT NOT NULL,
    PRIMARY KEY (realm_id, name, value, org_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX organization_attribute_of_org ON organization_attribute (realm_id, org_id);

-- How many organizations a realm has: a count must not read every row.
CREATE TABLE organization_tally (
    realm_id TEXT PRIMARY KEY,
    total    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER organization_named AFTER INSERT ON organization_entry
BEGIN
    INSERT INTO organization_text (rowid, realm, name, display_name)
    SELECT NEW.number, substr('000' || realm_id, -3), name, coalesce(display_name, '')
      FROM organization
     WHERE realm_id = NEW.realm_id AND id = NEW.org_id;
    INSERT INTO organization_gram (rowid, grams)
    SELECT NEW.number, group_concat(word, ' ')
      FROM (SELECT DISTINCT hex(substr('000' || realm_id, -3)) || 'x'
                            || hex(substr(text, place, length)) AS word
              FROM (SELECT realm_id,
                           lower(name || char(10) || coalesce(display_name, '')) AS text
                      FROM organization
                     WHERE realm_id = NEW.realm_id AND id = NEW.org_id)
              JOIN organization_spot
              JOIN (SELECT 1 AS length UNION ALL SELECT 2)
             WHERE place <= length(text));
END;

CREATE TRIGGER organization_unnamed AFTER DELETE ON organization_entry
BEGIN
    DELETE FROM organization_text WHERE rowid = OLD.number;
    DELETE FROM organization_gram WHERE rowid = OLD.number;
END;

CREATE TRIGGER organization_added AFTER INSERT ON organization
BEGIN
    INSERT INTO organization_entry (realm_id, org_id) VALUES (NEW.realm_id, NEW.id);
    INSERT INTO organization_attribute (realm_id, name, value, org_id)
    SELECT DISTINCT NEW.realm_id, attribute.key, item.value, NEW.id
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
    INSERT INTO organization_tally (realm_id, total) VALUES (NEW.realm_id, 1)
    ON CONFLICT (realm_id) DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER organization_renamed AFTER UPDATE OF name, display_name ON organization
WHEN NEW.name IS NOT OLD.name OR NEW.display_name IS NOT OLD.display_name
BEGIN
    DELETE FROM organization_entry WHERE realm_id = NEW.realm_id AND org_id = NEW.id;
    INSERT INTO organization_entry (realm_id, org_id) VALUES (NEW.realm_id, NEW.id);
END;

CREATE TRIGGER organization_noted AFTER UPDATE OF attributes ON organization
WHEN NEW.attributes IS NOT OLD.attributes
BEGIN
    DELETE FROM organization_attribute WHERE realm_id = NEW.realm_id AND org_id = NEW.id;
    INSERT INTO organization_attribute (realm_id, name, value, org_id)
    SELECT DISTINCT NEW.realm_id, attribute.key, item.value, NEW.id
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
END;

CREATE TRIGGER organization_removed AFTER DELETE ON organization
BEGIN
    DELETE FROM organization_entry WHERE realm_id = OLD.realm_id AND org_id = OLD.id;
    DELETE FROM organization_attribute WHERE realm_id = OLD.realm_id AND org_id = OLD.id;
    UPDATE organization_tally SET total = total - 1 WHERE realm_id = OLD.realm_id;
END;

-- What was there before these triggers.
INSERT INTO organization_entry (realm_id, org_id) SELECT realm_id, id FROM organization;

INSERT INTO organization_attribute (realm_id, name, value, org_id)
SELECT DISTINCT organization.realm_id, attribute.key, item.value, organization.id
  FROM organization, json_each(organization.attributes) AS attribute,
       json_each(attribute.value) AS item;

INSERT INTO organization_tally (realm_id, total)
SELECT realm_id, count(*) FROM organization GROUP BY realm_id;

-- A projection: which organization has which open invitation for an address. A
-- row without an invitation remembers the version at which it ceased to be open.
CREATE TABLE invited (
    realm_id      TEXT NOT NULL,
    email         TEXT NOT NULL, -- folded to lower case
    org_id        TEXT NOT NULL,
    invitation_id TEXT,
    version       INTEGER NOT NULL, -- the object's outbox number of this state
    PRIMARY KEY (realm_id, email, org_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX invited_of_org ON invited (realm_id, org_id);
CREATE INDEX invited_by_invitation ON invited (realm_id, invitation_id)
    WHERE invitation_id IS NOT NULL;
