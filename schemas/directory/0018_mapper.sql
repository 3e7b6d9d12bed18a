-- Protocol mappers decide what tokens say. What the tokens of the realms that
-- are there already said of organizations - id, roles and groups of each -
-- their mappers now say; new realms begin with what Keycloak's begin with, which
-- is the aliases.
INSERT INTO protocol_mapper (id, realm_id, parent_id, name, protocol, mapper, config)
SELECT lower(hex(randomblob(16))), membership.realm_id, membership.parent_id, new.value ->> 0,
       'openid-connect', new.value ->> 1,
       '{"access.token.claim":"true","id.token.claim":"true","introspection.token.claim":"true"}'
  FROM protocol_mapper AS membership,
       json_each('[["organization groups", "oidc-organization-group-membership-mapper"],
                   ["organization roles", "oidc-organization-role-membership-mapper"]]') AS new
 WHERE membership.mapper = 'oidc-organization-membership-mapper'
ON CONFLICT DO NOTHING;

UPDATE protocol_mapper
   SET config = json_set(config, '$.addOrganizationId', 'true', '$."jsonType.label"', 'JSON')
 WHERE mapper = 'oidc-organization-membership-mapper';

-- An administrator of `master` holds roles of every realm, more than a token can
-- carry. Nobody reads them there: whoever is asked for something looks them up.
UPDATE client
   SET settings = json_set(settings, '$.full_scope_allowed', json('false'))
 WHERE client_id = 'admin-cli' AND realm_id IN (SELECT id FROM realm WHERE name = 'master');
