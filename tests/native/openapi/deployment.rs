//! What belongs to no realm.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{Named, named, object, one_of};

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
            .answers(named("JsonObject")),
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
    vec![("Health", object().has("status", one_of(&["ok"])).into())]
}
