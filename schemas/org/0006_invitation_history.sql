-- What happened to invitations, and who did it. Written in the transaction of
-- the change; "mailed" when the queue's consumer has handed the mail over.
CREATE TABLE invitation_history (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    invitation_id TEXT NOT NULL,
    at            INTEGER NOT NULL,
    status        TEXT NOT NULL, -- of invitation::history::Status
    user_id       TEXT           -- NULL when nobody did, or a client
) STRICT;

CREATE INDEX invitation_history_of ON invitation_history (invitation_id, number);

-- What is known of older ones.
INSERT INTO invitation_history (invitation_id, at, status, user_id)
SELECT id, created_at, 'created', inviter_id FROM invitation ORDER BY created_at, id;

INSERT INTO invitation_history (invitation_id, at, status, user_id)
SELECT id, accepted_at, 'accepted', user_id FROM invitation WHERE accepted_at IS NOT NULL;

INSERT INTO invitation_history (invitation_id, at, status, user_id)
SELECT id, revoked_at, 'revoked', NULL FROM invitation WHERE revoked_at IS NOT NULL;

-- The list of the open ones, in its order.
CREATE INDEX invitation_open_by_age ON invitation (created_at, id)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- The directory learns which are open: it did not keep that before.
INSERT INTO outbox (lane, body)
SELECT 'directory', json_object('kind', 'invitation', 'email', email, 'invitation', id)
  FROM invitation
 WHERE accepted_at IS NULL AND revoked_at IS NULL;
