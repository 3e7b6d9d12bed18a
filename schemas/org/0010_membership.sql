-- Whose account the organization manages, and what Keycloak keeps of an invitation.

-- 1: the person's account goes with the membership, and with the organization.
ALTER TABLE member ADD COLUMN managed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX member_managed ON member (user_id) WHERE managed = 1;

-- What the invited person is called, as far as the inviter knows.
ALTER TABLE invitation ADD COLUMN first_name TEXT;
ALTER TABLE invitation ADD COLUMN last_name TEXT;
-- The client to whose page acceptance leads.
ALTER TABLE invitation ADD COLUMN client_id TEXT;
-- When it was sent again; NULL: it was sent when it was made.
ALTER TABLE invitation ADD COLUMN resent_at INTEGER;

-- The directory learns who belongs without having access: it did not keep that before.
INSERT INTO outbox (lane, body)
SELECT 'directory',
       json_object('kind', 'membership', 'user', user_id,
                   'present', json('false'), 'belongs', json('true'))
  FROM member
 WHERE active = 0;
