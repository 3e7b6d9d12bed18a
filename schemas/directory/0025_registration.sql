-- Whether people may make an account for themselves was kept without effect. It has
-- one now.
UPDATE realm
   SET settings = json_set(settings, '$.registration_allowed', json('true'))
 WHERE json_type(kept, '$.registrationAllowed') = 'true';

UPDATE realm SET kept = json_remove(kept, '$.registrationAllowed');
