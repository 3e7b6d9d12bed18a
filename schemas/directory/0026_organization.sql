-- What Keycloak's administration says of an organization besides what Phase Two's
-- does. The two dialects share the rest of the row.
ALTER TABLE organization ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1; -- 0: tokens do not name it
ALTER TABLE organization ADD COLUMN description TEXT;
ALTER TABLE organization ADD COLUMN redirect_url TEXT;

-- `organization.domains`, a row per domain, verified or not; kept by triggers.
CREATE TABLE organization_domain (
    realm_id TEXT NOT NULL,
    domain   TEXT NOT NULL, -- lower case
    org_id   TEXT NOT NULL,
    PRIMARY KEY (realm_id, domain, org_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX organization_domain_of_org ON organization_domain (realm_id, org_id);

INSERT INTO organization_domain (realm_id, domain, org_id)
SELECT DISTINCT organization.realm_id, named.value, organization.id
  FROM organization, json_each(organization.domains) AS named;

CREATE TRIGGER organization_named_domains AFTER INSERT ON organization
BEGIN
    INSERT INTO organization_domain (realm_id, domain, org_id)
    SELECT DISTINCT NEW.realm_id, named.value, NEW.id FROM json_each(NEW.domains) AS named;
END;

CREATE TRIGGER organization_renamed_domains AFTER UPDATE OF domains ON organization
WHEN NEW.domains IS NOT OLD.domains
BEGIN
    DELETE FROM organization_domain WHERE realm_id = NEW.realm_id AND org_id = NEW.id;
    INSERT INTO organization_domain (realm_id, domain, org_id)
    SELECT DISTINCT NEW.realm_id, named.value, NEW.id FROM json_each(NEW.domains) AS named;
    DELETE FROM organization_entry WHERE realm_id = NEW.realm_id AND org_id = NEW.id;
    INSERT INTO organization_entry (realm_id, org_id) VALUES (NEW.realm_id, NEW.id);
END;

CREATE TRIGGER organization_forgot_domains AFTER DELETE ON organization
BEGIN
    DELETE FROM organization_domain WHERE realm_id = OLD.realm_id AND org_id = OLD.id;
END;

-- Keycloak looks for names and domains, Phase Two for names and display names. So
-- the indexes of 0004_search.sql keep the three apart: as columns of the one, and
-- in the other by the letter between the realm and the characters, which is x, y
-- and z.
DELETE FROM organization_entry;

DROP TABLE organization_text;

CREATE VIRTUAL TABLE organization_text USING fts5 (
    realm, name, display_name, domains,
    tokenize = 'trigram'
);

DROP TRIGGER organization_named;

CREATE TRIGGER organization_named AFTER INSERT ON organization_entry
BEGIN
    INSERT INTO organization_text (rowid, realm, name, display_name, domains)
    SELECT NEW.number, substr('000' || realm_id, -3), name, coalesce(display_name, ''),
           coalesce((SELECT group_concat(value, char(10)) FROM json_each(domains)), '')
      FROM organization
     WHERE realm_id = NEW.realm_id AND id = NEW.org_id;
    INSERT INTO organization_gram (rowid, grams)
    SELECT NEW.number, group_concat(word, ' ')
      FROM (SELECT DISTINCT hex(substr('000' || NEW.realm_id, -3)) || kind
                            || hex(substr(text, place, length)) AS word
              FROM (SELECT 'x' AS kind, lower(name) AS text
                      FROM organization
                     WHERE realm_id = NEW.realm_id AND id = NEW.org_id
                     UNION ALL
                    SELECT 'y', lower(coalesce(display_name, ''))
                      FROM organization
                     WHERE realm_id = NEW.realm_id AND id = NEW.org_id
                     UNION ALL
                    SELECT 'z', named.value
                      FROM organization, json_each(organization.domains) AS named
                     WHERE organization.realm_id = NEW.realm_id AND organization.id = NEW.org_id)
              JOIN organization_spot
              JOIN (SELECT 1 AS length UNION ALL SELECT 2)
             WHERE place <= length(text));
END;

INSERT INTO organization_entry (realm_id, org_id) SELECT realm_id, id FROM organization;

-- Whether the realm has organizations was kept without effect. It has one now: they
-- are there, unless somebody said no and made none.
UPDATE realm
   SET settings = json_set(settings, '$.organizations_enabled', json('false'))
 WHERE json_type(kept, '$.organizationsEnabled') = 'false'
   AND NOT EXISTS (SELECT 1 FROM organization WHERE organization.realm_id = realm.id);

UPDATE realm SET kept = json_remove(kept, '$.organizationsEnabled');
