-- Memberships as administrators list them, and whose account an organization manages.

-- Whether the person belongs to the organization, with access or suspended.
ALTER TABLE membership ADD COLUMN belongs INTEGER NOT NULL DEFAULT 0;

-- 1: the person's account goes with the membership, and with the organization.
ALTER TABLE membership ADD COLUMN managed INTEGER NOT NULL DEFAULT 0;

-- Where the person stands in the list of the members: their username. NULL for who
-- belongs no longer, for nobody and for the account of a client.
ALTER TABLE membership ADD COLUMN listed_as TEXT;

UPDATE membership
   SET belongs = 1,
       listed_as = (SELECT user.username FROM user
                     WHERE user.id = membership.user_id
                       AND user.realm_id = membership.realm_id
                       AND user.service_account_for IS NULL)
 WHERE present = 1;

CREATE INDEX membership_listed ON membership (realm_id, org_id, listed_as, user_id, managed)
 WHERE listed_as IS NOT NULL;

-- One organization at most manages an account.
CREATE UNIQUE INDEX membership_manager ON membership (realm_id, user_id) WHERE managed = 1;

CREATE TRIGGER membership_user_added AFTER INSERT ON user WHEN NEW.service_account_for IS NULL
BEGIN
    UPDATE membership
       SET listed_as = NEW.username
     WHERE realm_id = NEW.realm_id AND user_id = NEW.id AND belongs = 1;
END;

CREATE TRIGGER membership_user_renamed AFTER UPDATE OF username ON user
WHEN NEW.username <> OLD.username
BEGIN
    UPDATE membership
       SET listed_as = NEW.username
     WHERE realm_id = NEW.realm_id AND user_id = NEW.id AND listed_as IS NOT NULL;
END;

CREATE TRIGGER membership_user_removed AFTER DELETE ON user
BEGIN
    UPDATE membership
       SET listed_as = NULL
     WHERE realm_id = OLD.realm_id AND user_id = OLD.id AND listed_as IS NOT NULL;
END;
