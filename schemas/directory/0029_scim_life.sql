-- Whose SCIM service made a person's identity at a provider, so that it takes back
-- what it made and nothing else; NULL: an administrator did.
ALTER TABLE federated_identity ADD COLUMN org_id TEXT;
