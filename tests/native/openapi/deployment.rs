//! What belongs to no realm.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{Named, anything, boolean, list_of, map_of, named, object, one_of, string};

const DEPLOYMENT: Group =
    Group { tag: "Deployment", base: "", dialect: Dialect::Pages, credential: Credential::None };

const SERVER: Group = Group {
    tag: "Deployment",
    base: "/admin/serverinfo",
    dialect: Dialect::Administration,
    credential: Credential::Token,
};

pub fn operations() -> Vec<Operation> {
    vec![
        SERVER
            .get("", "readServerInfo", "What there is here: kinds, providers, types of events")
            .needs("any administration role, with a token of any realm")
            .answers(named("ServerInfo")),
        DEPLOYMENT.get("/", "readHome", "The front page").shows(200),
        DEPLOYMENT
            .get("/health", "readHealth", "Whether the deployment is up")
            .answers(named("Health")),
        DEPLOYMENT
            .get("/openapi.json", "readOpenApi", "This document")
            .answers(named("JsonObject"))
            .tells(200, "Cache-Control", "How long it may be kept"),
    ]
}

pub fn schemas() -> Vec<Named> {
    let things = || list_of(named("JsonObject"));
    let server_info = object()
        .has("systemInfo", object().has("version", string()).has("serverTime", string()))
        .has("profileInfo", named("JsonObject"))
        .has(
            "features",
            list_of(
                object()
                    .has("name", string())
                    .has("label", string())
                    .has("type", string())
                    .has("enabled", boolean())
                    .has("dependencies", list_of(string())),
            ),
        )
        .has("cryptoInfo", named("JsonObject"))
        .has("themes", map_of(things()))
        .has("socialProviders", things())
        .has("identityProviders", things())
        .has("clientImporters", things())
        .has("clientInstallations", map_of(anything()))
        .has("providers", map_of(named("JsonObject")))
        .has("protocolMapperTypes", map_of(things()))
        .has("builtinProtocolMappers", map_of(things()))
        .has("componentTypes", map_of(list_of(named("ComponentType"))))
        .has("passwordPolicies", things())
        .has("enums", map_of(list_of(string())));
    vec![
        ("Health", object().has("status", one_of(&["ok"])).into()),
        ("ServerInfo", server_info.into()),
    ]
}
