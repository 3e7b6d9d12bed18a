from world import ANOTHER, NOBODY, PASSWORD, names, refused, refused_grant, step

ADA = {
    "username": "ada",
    "email": "ada@rapids.example",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "enabled": True,
    "attributes": {"team": ["sea"]},
    "credentials": [{"type": "password", "value": PASSWORD}],
}


def people(world):
    admin = world.admin
    with step("people are made, found and changed"):
        user = admin.create_user(ADA, exist_ok=False)
        with refused(409):
            admin.create_user({"username": "ada"}, exist_ok=False)
        assert admin.create_user({"username": "ada"}, exist_ok=True) == user
        assert admin.get_user_id("ada") == user
        assert admin.get_user_id("nobody") is None
        assert admin.get_user(user)["email"] == "ada@rapids.example"
        described = admin.get_user(user, user_profile_metadata=True)["userProfileMetadata"]
        assert "email" in names(described["attributes"])
        assert names(admin.get_users({"search": "love"}), "username") == ["ada"]
        assert admin.get_users({"search": "nobody"}) == []
        assert admin.users_count() == 1
        assert admin.users_count({"search": "nobody"}) == 0
        admin.update_user(user, {"firstName": "Augusta"})
        assert (admin.get_user(user)["firstName"], admin.get_user(user)["lastName"]) == ("Augusta", "Lovelace")
        with refused(404):
            admin.get_user(NOBODY)

    with step("people are switched off and on"):
        admin.disable_user(user)
        assert admin.get_user(user)["enabled"] is False
        admin.enable_user(user)
        assert admin.get_user(user)["enabled"] is True
        admin.disable_all_users()
        assert [one["enabled"] for one in admin.get_users({})] == [False]
        admin.enable_all_users()
        assert [one["enabled"] for one in admin.get_users({})] == [True]

    with step("the profile says which fields they have"):
        profile = admin.get_realm_users_profile()
        assert names(profile["attributes"]) == ["email", "firstName", "lastName", "username"]
        boat = {"name": "boat", "permissions": {"view": ["admin"], "edit": ["admin"]}}
        admin.update_realm_users_profile({**profile, "attributes": [*profile["attributes"], boat]})
        assert "boat" in names(admin.get_realm_users_profile()["attributes"])
        with refused(400):
            admin.update_realm_users_profile({"attributes": [{"name": "a field", "validations": {"dance": {}}}]})
        admin.update_realm_users_profile(profile)
        assert admin.get_realm_users_profile() == profile

    with step("mails let them do what is asked"):
        admin.send_update_account(user, ["UPDATE_PASSWORD"], lifespan=3600)
        admin.send_verify_email(user)
        with refused(400):
            admin.send_update_account(user, ["DANCE"])
        with refused(404):
            admin.send_verify_email(NOBODY)

    with step("nobody is asked for consent"):
        assert admin.user_consents(user) == []
        with refused(404):
            admin.revoke_consent(user, "admin-cli")

    with step("people are deleted"):
        admin.delete_user(user)
        assert admin.users_count() == 0
        with refused(404):
            admin.delete_user(user)


def credentials(world):
    admin, openid = world.admin, world.openid()
    with step("a password is set and deleted"):
        user = admin.create_user(ADA)
        admin.set_user_password(user, ANOTHER, temporary=False)
        assert openid.token("ada", ANOTHER)["access_token"]
        with refused_grant():
            openid.token("ada", PASSWORD)
        with refused(400):
            admin.set_user_password(user, "short")
        [credential] = admin.get_credentials(user)
        assert credential["type"] == "password"
        admin.delete_credential(user, credential["id"])
        assert admin.get_credentials(user) == []
        with refused(404):
            admin.delete_credential(user, credential["id"])
        with refused_grant():
            openid.token("ada", ANOTHER)

    with step("wrong passwords are counted and forgotten"):
        admin.set_user_password(user, PASSWORD, temporary=False)
        for forget in (lambda: admin.clear_bruteforce_attempts_for_user(user), admin.clear_all_bruteforce_attempts):
            with refused_grant():
                openid.token("ada", "a guess")
            assert admin.get_bruteforce_detection_status(user)["numFailures"] == 1
            forget()
            assert admin.get_bruteforce_detection_status(user)["numFailures"] == 0
        with refused(404):
            admin.get_bruteforce_detection_status("nobody")

    with step("sessions are listed and ended"):
        tokens = openid.token("ada", PASSWORD)
        assert tokens["session_state"] in names(admin.get_sessions(user), "id")
        admin.user_logout(user)
        assert admin.get_sessions(user) == []
        with refused_grant():
            openid.refresh_token(tokens["refresh_token"])
        admin.delete_user(user)
