-- Organizations that an import brings.

-- The import that made the organization; NULL when none did. While the organization
-- is pending, the directory is asked about that import.
ALTER TABLE organization ADD COLUMN import_id TEXT;
