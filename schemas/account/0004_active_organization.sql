-- The organization that a person last switched to in a session; NULL until then.
ALTER TABLE session ADD COLUMN active_org_id TEXT;
