from world import NOBODY, names, refused, step


def organizations(world):
    admin = world.admin
    with step("organizations are made, found and changed"):
        river = admin.create_organization(
            {
                "name": "River Runners",
                "alias": "runners",
                "domains": [{"name": "runners.example", "verified": True}],
                "attributes": {"plan": ["pro"]},
            }
        )
        lakes = admin.create_organization({"name": "lakes", "domains": [{"name": "lakes.example"}]})
        read = admin.get_organization(river)
        assert read["domains"] == [{"name": "runners.example", "verified": True}], read
        assert (read["alias"], read["enabled"]) == ("runners", True)
        assert names(admin.get_organizations()) == ["River Runners", "lakes"]
        assert names(admin.get_organizations({"search": "runners.ex"})) == ["River Runners"]
        admin.update_organization(river, {"name": "Runners", "alias": "runners", "enabled": False})
        read = admin.get_organization(river)
        assert (read["name"], read["enabled"], read["attributes"]) == ("Runners", False, {"plan": ["pro"]})
        assert "domains" not in read

    with step("organizations are refused in Keycloak's words"):
        with refused(409):
            admin.create_organization({"name": "lakes", "alias": "other"})
        with refused(400):
            admin.update_organization(river, {"name": "Runners", "alias": "another"})
        with refused(404):
            admin.get_organization(NOBODY)

    with step("who belongs to no organization is told of none"):
        user = admin.create_user({"username": "loner"})
        assert admin.get_user_organizations(user) == []
        admin.delete_user(user)

    with step("organizations are deleted"):
        for organization in (river, lakes):
            admin.delete_organization(organization)
        assert admin.get_organizations() == []
        with refused(404):
            admin.delete_organization(river)
