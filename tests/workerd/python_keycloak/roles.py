from world import NOBODY, names, refused, step


def roles(world):
    admin = world.admin
    with step("roles of the realm are made, changed and deleted"):
        assert admin.create_realm_role({"name": "captain"}) == "captain"
        with refused(409):
            admin.create_realm_role({"name": "captain"})
        assert admin.create_realm_role({"name": "captain"}, skip_exists=True) == "captain"
        admin.update_realm_role("captain", {"name": "captain", "description": "Leads"})
        captain = admin.get_realm_role("captain")
        assert captain["description"] == "Leads"
        admin.update_role_by_id(captain["id"], {"name": "captain", "description": "Commands"})
        assert admin.get_role_by_id(captain["id"])["description"] == "Commands"
        assert admin.get_realm_role_by_id(captain["id"])["name"] == "captain"
        assert names(admin.get_realm_roles(search_text="capt")) == ["captain"]
        admin.delete_role_by_id(captain["id"])
        with refused(404):
            admin.get_role_by_id(captain["id"])

    with step("roles of the realm include others"):
        admin.create_realm_role({"name": "captain"})
        admin.create_realm_role({"name": "sailor"})
        captain, sailor = admin.get_realm_role("captain"), admin.get_realm_role("sailor")
        admin.add_composite_realm_roles_to_role("captain", [sailor])
        assert names(admin.get_composite_realm_roles_of_role("captain")) == ["sailor"]
        assert names(admin.get_role_composites_by_id(captain["id"])) == ["sailor"]
        admin.remove_composite_realm_roles_to_role("captain", [sailor])
        assert admin.get_composite_realm_roles_of_role("captain") == []
        with refused(404):
            admin.add_composite_realm_roles_to_role("ghost", [sailor])

    with step("roles that everybody has are those of a role of the realm's name"):
        admin.create_realm_role({"name": f"default-roles-{world.realm}"}, skip_exists=True)
        default = admin.get_default_realm_role_id()
        assert admin.get_role_by_id(default)["name"] == f"default-roles-{world.realm}"
        admin.add_realm_default_roles([sailor])
        assert "sailor" in names(admin.get_realm_default_roles())
        admin.remove_realm_default_roles([sailor])
        assert "sailor" not in names(admin.get_realm_default_roles())

    with step("roles of the realm are deleted by name"):
        admin.delete_realm_role("captain")
        admin.delete_realm_role("sailor")
        with refused(404):
            admin.get_realm_role("captain")


def client_roles(world):
    admin = world.admin
    with step("roles of a client are made, changed and include others"):
        shop = admin.create_client({"clientId": "shop"})
        assert admin.create_client_role(shop, {"name": "seller"}) == "seller"
        with refused(409):
            admin.create_client_role(shop, {"name": "seller"})
        admin.create_client_role(shop, {"name": "counter"})
        admin.update_client_role(shop, "seller", {"name": "seller", "description": "Sells"})
        seller, counter = admin.get_client_role(shop, "seller"), admin.get_client_role(shop, "counter")
        assert seller["description"] == "Sells"
        assert admin.get_client_role_id(shop, "seller") == seller["id"]
        assert names(admin.get_client_roles(shop)) == ["counter", "seller"]
        admin.add_composite_client_roles_to_role(shop, "seller", [counter])
        assert names(admin.get_composite_client_roles_of_role(shop, "seller")) == ["counter"]
        assert names(admin.get_role_client_level_children(shop, seller["id"])) == ["counter"]
        admin.remove_composite_client_roles_from_role(shop, "seller", [counter])
        assert admin.get_composite_client_roles_of_role(shop, "seller") == []
        admin.delete_client_role(shop, "counter")
        with refused(404):
            admin.get_client_role(shop, "counter")
        admin.delete_client(shop)


def role_mappings(world):
    admin = world.admin
    admin.create_realm_role({"name": "helm"})
    quay = admin.create_client({"clientId": "quay"})
    admin.create_client_role(quay, {"name": "crane"})
    helm, crane = admin.get_realm_role("helm"), admin.get_client_role(quay, "crane")
    user = admin.create_user({"username": "joan"})
    group = admin.create_group({"name": "holders"})

    with step("people are granted roles"):
        assert "helm" in names(admin.get_available_realm_roles_of_user(user))
        admin.assign_realm_roles(user, [helm])
        assert "helm" in names(admin.get_realm_roles_of_user(user))
        assert "helm" in names(admin.get_composite_realm_roles_of_user(user))
        assert "helm" not in names(admin.get_available_realm_roles_of_user(user))
        assert names(admin.get_realm_role_members("helm"), "username") == ["joan"]
        assert names(admin.get_available_client_roles_of_user(user, quay)) == ["crane"]
        admin.assign_client_role(user, quay, [crane])
        assert names(admin.get_client_roles_of_user(user, quay)) == ["crane"]
        assert names(admin.get_composite_client_roles_of_user(user, quay)) == ["crane"]
        assert names(admin.get_client_role_members(quay, "crane"), "username") == ["joan"]
        everything = admin.get_all_roles_of_user(user)
        assert "helm" in names(everything["realmMappings"])
        assert list(everything["clientMappings"]) == ["quay"]
        with refused(404):
            admin.assign_realm_roles(user, [{"id": NOBODY, "name": "ghost"}])

    with step("roles are taken back from people"):
        admin.delete_realm_roles_of_user(user, [helm])
        admin.delete_client_roles_of_user(user, quay, [crane])
        assert "helm" not in names(admin.get_realm_roles_of_user(user))
        assert admin.get_client_roles_of_user(user, quay) == []

    with step("groups are granted roles"):
        admin.assign_group_realm_roles(group, [helm])
        assert names(admin.get_group_realm_roles(group)) == ["helm"]
        assert names(admin.get_realm_role_groups("helm")) == ["holders"]
        admin.assign_group_client_roles(group, quay, [crane])
        assert names(admin.get_group_client_roles(group, quay)) == ["crane"]
        assert names(admin.get_composite_client_roles_of_group(quay, group)) == ["crane"]
        assert names(admin.get_client_role_groups(quay, "crane")) == ["holders"]

    with step("roles are taken back from groups"):
        admin.delete_group_realm_roles(group, [helm])
        assert admin.get_group_realm_roles(group) == []
        admin.delete_group_client_roles(group, quay, [crane])
        assert admin.get_group_client_roles(group, quay) == []

    admin.delete_user(user)
    admin.delete_group(group)
    admin.delete_client(quay)
    admin.delete_realm_role("helm")
