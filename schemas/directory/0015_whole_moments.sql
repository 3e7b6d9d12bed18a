-- A moment that was once bound as a number with a fraction, as D1 binds every number,
-- stood so in the JSON, and the settings could not be read any more.
UPDATE realm
   SET settings = json_set(settings, '$.failures_forgotten_at',
                           CAST(settings ->> '$.failures_forgotten_at' AS INTEGER))
 WHERE json_type(settings, '$.failures_forgotten_at') = 'real';
