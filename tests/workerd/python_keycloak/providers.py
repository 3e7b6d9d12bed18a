from world import names, refused, step

OKTA = {"alias": "okta", "providerId": "oidc", "config": {"clientId": "rapids", "clientSecret": "of rapids"}}


def providers(world):
    admin = world.admin
    with step("identity providers are made, changed and mapped"):
        admin.create_idp(OKTA)
        with refused(409):
            admin.create_idp(OKTA)
        assert names(admin.get_idps(), "alias") == ["okta"]
        admin.update_idp("okta", {**admin.get_idp("okta"), "displayName": "Okta"})
        assert admin.get_idp("okta")["displayName"] == "Okta"
        assert admin.get_idp("okta")["config"]["clientSecret"] == "**********"
        mapper = {
            "name": "m",
            "identityProviderAlias": "okta",
            "identityProviderMapper": "hardcoded-attribute-idp-mapper",
            "config": {},
        }
        admin.add_mapper_to_idp("okta", mapper)
        [kept] = admin.get_idp_mappers("okta")
        admin.update_mapper_in_idp("okta", kept["id"], {**kept, "config": {"attribute": "boat"}})
        assert admin.get_idp_mappers("okta")[0]["config"]["attribute"] == "boat"
        with refused(404):
            admin.get_idp_mappers("nobody")

    with step("people are linked to identities elsewhere"):
        user = admin.create_user({"username": "ada"})
        admin.add_user_social_login(user, "okta", "00u1", "ada@okta.example")
        with refused(409):
            admin.add_user_social_login(user, "okta", "00u1", "ada@okta.example")
        assert names(admin.get_user_social_logins(user), "userId") == ["00u1"]
        admin.delete_user_social_login(user, "okta")
        assert admin.get_user_social_logins(user) == []
        admin.delete_user(user)

    with step("identity providers are deleted"):
        admin.delete_idp("okta")
        with refused(404):
            admin.get_idp("okta")
