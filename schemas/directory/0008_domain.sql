-- Changes of organizations, and the domains they have shown to own.

-- The number of the last change that the registry took, or refused for good; and
-- of the last list of domains that the object told.
ALTER TABLE organization ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN domains_version INTEGER NOT NULL DEFAULT 0;

-- A domain whose record an organization has put into the DNS. One organization
-- of a realm at most, unless the realm lets them share.
CREATE TABLE domain_claim (
    realm_id   TEXT NOT NULL,
    domain     TEXT NOT NULL, -- lower case
    org_id     TEXT NOT NULL,
    claim_id   TEXT NOT NULL, -- so that a late release frees no later claim
    claimed_at INTEGER NOT NULL,
    PRIMARY KEY (realm_id, domain, org_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX domain_claim_of_org ON domain_claim (realm_id, org_id);

-- An organization that is deleted leaves its domains to others.
CREATE TRIGGER organization_leaves_domains AFTER DELETE ON organization
BEGIN
    DELETE FROM domain_claim WHERE realm_id = OLD.realm_id AND org_id = OLD.id;
END;
