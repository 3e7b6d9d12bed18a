from world import NOBODY, names, refused, step


def groups(world):
    admin = world.admin
    with step("groups are made, found and changed"):
        crew = admin.create_group({"name": "crew"})
        deck = admin.create_group({"name": "deck"}, parent=crew)
        with refused(409):
            admin.create_group({"name": "crew"})
        assert admin.create_group({"name": "crew"}, skip_exists=True) is None
        assert admin.get_group(deck)["path"] == "/crew/deck"
        [top] = admin.get_groups(full_hierarchy=True)
        assert names(top["subGroups"]) == ["deck"]
        assert admin.get_subgroups({"subGroups": [{**top["subGroups"][0], "subGroups": []}]}, "/crew/deck")["id"] == deck
        assert names(admin.get_group_children(crew)) == ["deck"]
        assert admin.get_group_by_path("crew/deck")["id"] == deck
        assert admin.groups_count() == {"count": 2}
        admin.update_group(deck, {"name": "rig"})
        assert admin.get_group(deck)["path"] == "/crew/rig"
        with refused(404):
            admin.get_group(NOBODY)

    with step("groups have members"):
        user = admin.create_user({"username": "joan"})
        admin.group_user_add(user, deck)
        assert names(admin.get_group_members(deck), "username") == ["joan"]
        assert names(admin.get_user_groups(user)) == ["rig"]
        admin.group_user_remove(user, deck)
        assert admin.get_group_members(deck) == []
        assert admin.get_user_groups(user) == []
        with refused(404):
            admin.group_user_add(user, NOBODY)
        admin.delete_user(user)

    with step("groups are deleted with those below"):
        admin.delete_group(crew)
        assert admin.get_groups() == []
        with refused(404):
            admin.get_group(deck)
