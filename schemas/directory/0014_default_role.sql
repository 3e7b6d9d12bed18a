-- The role that everybody in a realm gets when they come to be. A realm from before
-- has none until it is furnished again (realm::furnish).
ALTER TABLE realm ADD COLUMN default_role TEXT;

-- However a user comes to be, a person or the account of a client.
CREATE TRIGGER user_gets_default_role AFTER INSERT ON user
BEGIN
    INSERT INTO user_role (user_id, role_id)
    SELECT NEW.id, default_role FROM realm WHERE id = NEW.realm_id AND default_role IS NOT NULL;
END;
