from world import NOBODY, names, refused, step


def organization_members(world):
    admin = world.admin
    org = admin.create_organization({"name": "paddlers"})
    person = {"username": "paddling-anne", "email": "anne@paddlers.example", "enabled": True}
    user = admin.create_user(person)
    with step("members of an organization are added, found and removed"):
        assert admin.get_organization_members_count(org) == 0
        assert admin.organization_user_add(user, org) == b""
        with refused(409):
            admin.organization_user_add(user, org)
        with refused(404):
            admin.organization_user_add(NOBODY, org)
        assert admin.get_organization_members_count(org) == 1
        members = admin.get_organization_members(org)
        assert [(one["id"], one["membershipType"]) for one in members] == [(user, "UNMANAGED")], members
        assert len(admin.get_organization_members(org, {"search": "paddlers", "first": 0, "max": 5})) == 1
        assert names(admin.get_user_organizations(user)) == ["paddlers"]
        admin.organization_user_remove(user, org)
        assert admin.get_organization_members(org) == []
        with refused(404):
            admin.organization_user_remove(user, org)
    admin.delete_user(user)
    admin.delete_organization(org)
