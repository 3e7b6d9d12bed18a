-- What an organization's directory presents, while it is replaced and afterwards.

-- When the credential was last replaced; NULL: never since it was set up.
ALTER TABLE scim_config ADD COLUMN rotated_at INTEGER;
-- When the credential was last used, to within scim::config::NOTED_EVERY.
ALTER TABLE scim_config ADD COLUMN last_used_at INTEGER;

-- The credential before this one, JSON of scim::config::Auth, until its time is over.
ALTER TABLE scim_config ADD COLUMN previous TEXT;
ALTER TABLE scim_config ADD COLUMN previous_until INTEGER;
ALTER TABLE scim_config ADD COLUMN previous_used_at INTEGER;

-- How many days the provisioning log is kept (scim::config::DEFAULT_LOG_DAYS).
ALTER TABLE scim_config ADD COLUMN log_days INTEGER NOT NULL DEFAULT 30;
