//! Answers that say no: in whose words, and what each status means.
use super::schema::{Named, anything, list_of, named, object, one_of, string};
use serde_json::{Map, Value, json};

/// Whose words errors are told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Phase Two's: `{"error": "..."}`, and 401 for a permission that is missing.
    Organizations,
    /// Keycloak's administration: 403 for a role that is missing.
    Administration,
    /// RFC 6749 §5.2.
    OAuth,
    /// RFC 7644 §3.12.
    Scim,
    /// Pages for people.
    Pages,
}

/// What an answer of `status` means.
pub fn description_of(status: u16) -> &'static str {
    match status {
        200 => "What was asked for",
        201 => "It was made",
        202 => "What came of it",
        204 => "It was done",
        207 => "What came of each",
        303 => "Go there",
        304 => "It is as the caller knows it",
        400 => "The request is not what it should be",
        401 => "No credential that counts here, or not the permission",
        403 => "The caller may not do this",
        404 => "There is no such realm, or no such thing in it",
        409 => "It collides with what is there",
        410 => "It is over, or was used",
        412 => "It has changed since that version",
        413 => "The body is too large",
        415 => "Another content type is wanted",
        _ => panic!("say in description_of what {status} means"),
    }
}

/// What a refusal is called in the document.
pub fn name(dialect: Dialect, status: u16) -> String {
    format!("{dialect:?}{status}")
}

/// Every refusal that an operation may refer to, by name.
pub fn all() -> Map<String, Value> {
    let dialects = [
        Dialect::Organizations,
        Dialect::Administration,
        Dialect::OAuth,
        Dialect::Scim,
        Dialect::Pages,
    ];
    let statuses = [400, 401, 403, 404, 409, 410, 412, 413, 415];
    let every = dialects.into_iter().flat_map(|dialect| statuses.map(|status| (dialect, status)));
    every.map(|(dialect, status)| (name(dialect, status), refusal(dialect, status))).collect()
}

fn refusal(dialect: Dialect, status: u16) -> Value {
    let json = |name: &str| ("application/json", named(name));
    let content = match (dialect, status) {
        // Before there is a realm to speak for, everybody is told in the same words.
        (Dialect::Organizations, _) | (Dialect::OAuth, 404) => vec![json("Error")],
        (Dialect::Administration, _) => vec![json("AdministrationError")],
        (Dialect::OAuth, _) => vec![json("OAuthError")],
        (Dialect::Scim, _) => vec![("application/scim+json", named("ScimError"))],
        // Before there is a realm to speak for, programs are told in their words.
        (Dialect::Pages, 404 | 413 | 415) => vec![("text/html", string()), json("Error")],
        (Dialect::Pages, _) => vec![("text/html", string())],
    };
    let content: Map<String, Value> = content
        .into_iter()
        .map(|(media_type, schema)| (media_type.to_owned(), json!({ "schema": schema })))
        .collect();
    json!({ "description": description_of(status), "content": content })
}

/// The schemas that refusals are made of.
pub fn schemas() -> Vec<Named> {
    vec![
        ("Error", object().has("error", string()).may_have("error_description", string()).into()),
        ("AdministrationError", {
            let members = object()
                .may_have("error", string())
                .may_have("error_description", string())
                .may_have("errorMessage", string())
                .may_have("field", string())
                .may_have("params", list_of(anything()))
                .may_have("errors", list_of(named("FieldError")));
            let mut schema: Value = members.into();
            schema["minProperties"] = 1.into();
            schema
        }),
        (
            "FieldError",
            object()
                .has("field", string())
                .has("errorMessage", string())
                .may_have("params", list_of(anything()))
                .into(),
        ),
        ("OAuthError", object().has("error", string()).has("error_description", string()).into()),
        (
            "ScimError",
            object()
                .has("schemas", list_of(string()))
                .has("status", string())
                .may_have(
                    "scimType",
                    one_of(&[
                        "invalidFilter",
                        "invalidPath",
                        "invalidSyntax",
                        "invalidValue",
                        "mutability",
                        "noTarget",
                        "invalidCursor",
                        "invalidCount",
                        "uniqueness",
                    ]),
                )
                .has("detail", string())
                .into(),
        ),
    ]
}
