-- How an organization uses an identity provider (reference keycloak.md §5.6, §1.6).

-- Whether who signs in through it becomes a member, and whether the organization then
-- manages the account.
ALTER TABLE identity_provider_org ADD COLUMN auto_membership INTEGER NOT NULL DEFAULT 1;
ALTER TABLE identity_provider_org ADD COLUMN managed INTEGER NOT NULL DEFAULT 0;

-- Those of `domains` whose people choose the provider, and are not sent there at once.
ALTER TABLE identity_provider_org ADD COLUMN offered TEXT NOT NULL DEFAULT '[]'; -- JSON, [domain]

-- Whether every domain of the organization leads to the provider; else `domains` do.
ALTER TABLE identity_provider_org ADD COLUMN every_domain INTEGER NOT NULL DEFAULT 0;
UPDATE identity_provider_org SET every_domain = 1 WHERE domains = '[]';

-- Of the accounts that come from a provider, one organization at most is the manager.
CREATE UNIQUE INDEX identity_provider_manager
    ON identity_provider_org (identity_provider_id) WHERE managed = 1;
