from world import names, refused, step

SSO = {"alias": "paddle-sso", "providerId": "oidc", "config": {"clientId": "rapids", "clientSecret": "of rapids"}}


def organization_providers(world):
    admin = world.admin
    org = admin.create_organization({"name": "sso-paddlers"})
    elsewhere = admin.create_organization({"name": "sso-divers"})
    admin.create_idp(SSO)
    with step("identity providers are linked to an organization, listed and unlinked"):
        assert admin.get_organization_idps(org) == []
        with refused(400):
            admin.organization_idp_add(org, "nobody")
        admin.organization_idp_add(org, "paddle-sso")
        with refused(409):
            admin.organization_idp_add(org, "paddle-sso")
        with refused(400):
            admin.organization_idp_add(elsewhere, "paddle-sso")
        [linked] = admin.get_organization_idps(org)
        assert (linked["alias"], linked["organizationId"]) == ("paddle-sso", org), linked
        assert linked["config"]["clientSecret"] == "**********", linked
        assert admin.get_organization_idps(elsewhere) == []
        admin.organization_idp_remove(org, "paddle-sso")
        assert admin.get_organization_idps(org) == []
        with refused(404):
            admin.organization_idp_remove(org, "paddle-sso")
        assert "paddle-sso" in names(admin.get_idps(), "alias")
    admin.delete_idp("paddle-sso")
    for one in (org, elsewhere):
        admin.delete_organization(one)
