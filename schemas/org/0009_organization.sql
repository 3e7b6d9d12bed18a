-- What Keycloak's administration says of an organization besides what Phase Two's
-- does.
ALTER TABLE organization ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE organization ADD COLUMN description TEXT;
ALTER TABLE organization ADD COLUMN redirect_url TEXT;

-- 1: an administrator of the realm vouches for it; no record of the DNS is looked for.
ALTER TABLE domain ADD COLUMN asserted INTEGER NOT NULL DEFAULT 0;
