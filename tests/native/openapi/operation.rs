//! One operation: what a route takes and what it answers.
//!
//! What follows from where a route is, is not said again: 401 where a credential
//! is asked for, 403 where Keycloak's administration says so, 404 below a realm,
//! 400, 413 and 415 where there is a body.
use super::schema::{
    Named, anything, boolean, identifier, integer, list_of, map_of, named, object, one_of, string,
};
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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

/// What a caller must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    None,
    /// An access token.
    Token,
    /// What the organization's SCIM configuration says.
    Scim,
    /// A client's own, in the header or in the form.
    Client,
}

/// Operations that have the beginning of their paths in common, and more.
#[derive(Clone, Copy)]
pub struct Group {
    pub tag: &'static str,
    pub base: &'static str,
    pub dialect: Dialect,
    pub credential: Credential,
}

/// An operation, under construction.
#[derive(Clone)]
pub struct Operation {
    pub method: Method,
    pub path: &'static str,
    pub id: String,
    group: Group,
    summary: String,
    description: Vec<String>,
    parameters: Vec<Value>,
    body: Option<(Map<String, Value>, bool)>,
    responses: BTreeMap<u16, Value>,
}

impl Group {
    pub fn get(&self, below: &str, id: &str, summary: &str) -> Operation {
        self.operation(Method::GET, below, id, summary)
    }

    pub fn post(&self, below: &str, id: &str, summary: &str) -> Operation {
        self.operation(Method::POST, below, id, summary)
    }

    pub fn put(&self, below: &str, id: &str, summary: &str) -> Operation {
        self.operation(Method::PUT, below, id, summary)
    }

    pub fn patch(&self, below: &str, id: &str, summary: &str) -> Operation {
        self.operation(Method::PATCH, below, id, summary)
    }

    pub fn delete(&self, below: &str, id: &str, summary: &str) -> Operation {
        self.operation(Method::DELETE, below, id, summary)
    }

    fn operation(&self, method: Method, below: &str, id: &str, summary: &str) -> Operation {
        // A description lives as long as the tests do, as a route table does.
        let path = format!("{}{below}", self.base).leak();
        let mut operation = Operation {
            method,
            id: id.to_owned(),
            group: *self,
            summary: summary.to_owned(),
            description: Vec::new(),
            parameters: Vec::new(),
            body: None,
            responses: BTreeMap::new(),
            path,
        };
        if self.credential != Credential::None {
            operation = operation.refuses(&[401]);
        }
        if self.dialect == Dialect::Administration {
            operation = operation.refuses(&[403]);
        }
        if operation.path.contains("{realm}") {
            operation = operation.refuses(&[404]);
        }
        operation
    }
}

impl Operation {
    /// What the document lists it under.
    pub fn tag(&self) -> &'static str {
        self.group.tag
    }

    /// What its caller must bring.
    pub fn credential(&self) -> Credential {
        self.group.credential
    }

    /// A sentence that the summary has no room for.
    pub fn about(mut self, sentence: &str) -> Self {
        self.description.push(sentence.to_owned());
        self
    }

    /// What the caller must hold, as docs/api.md says it.
    pub fn needs(self, roles: &str) -> Self {
        self.about(&format!("Needs {roles}."))
    }

    /// A parameter of the query.
    pub fn query(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter("query", name, schema, description)
    }

    /// A parameter of the query that is text.
    pub fn text(self, name: &str, description: &str) -> Self {
        self.query(name, string(), description)
    }

    /// A parameter of the query that is on or off.
    pub fn flag(self, name: &str, description: &str) -> Self {
        self.query(name, boolean(), description)
    }

    /// Keycloak's `first` and `max`.
    pub fn paged(mut self) -> Self {
        for name in ["first", "max"] {
            self.parameters.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
        }
        self.refuses(&[400])
    }

    /// A header that the caller may send.
    pub fn header(self, name: &str, description: &str) -> Self {
        self.parameter("header", name, string(), description)
    }

    fn parameter(mut self, place: &str, name: &str, schema: Value, description: &str) -> Self {
        let mut parameter = json!({ "name": name, "in": place, "description": description });
        parameter["schema"] = schema;
        self.parameters.push(parameter);
        self
    }

    /// A JSON body.
    pub fn takes(self, schema: impl Into<Value>) -> Self {
        self.takes_as("application/json", schema).refuses(&[400, 415])
    }

    /// A form as a body.
    pub fn takes_form(self, schema: impl Into<Value>) -> Self {
        self.takes_as("application/x-www-form-urlencoded", schema).refuses(&[400])
    }

    /// A body of some type; several calls give several types.
    pub fn takes_as(mut self, media_type: &str, schema: impl Into<Value>) -> Self {
        let (content, _) = self.body.get_or_insert_with(|| (Map::new(), true));
        content.insert(media_type.to_owned(), json!({ "schema": schema.into() }));
        self.refuses(&[413])
    }

    /// The body may be missing.
    pub fn or_nothing(mut self) -> Self {
        if let Some((_, required)) = &mut self.body {
            *required = false;
        }
        self
    }

    /// 200 with JSON.
    pub fn answers(self, schema: impl Into<Value>) -> Self {
        self.answers_with(200, schema)
    }

    /// Another status with JSON.
    pub fn answers_with(self, status: u16, schema: impl Into<Value>) -> Self {
        let media_type = match self.group.dialect {
            Dialect::Scim => "application/scim+json",
            _ => "application/json",
        };
        self.answers_as(status, media_type, schema)
    }

    /// A status with content of some type; several calls give several types.
    pub fn answers_as(mut self, status: u16, media_type: &str, schema: impl Into<Value>) -> Self {
        let told = || json!({ "description": description_of(status), "content": {} });
        let response = self.responses.entry(status).or_insert_with(told);
        if response.get("$ref").is_some() {
            *response = told();
        }
        response["content"][media_type] = json!({ "schema": schema.into() });
        self
    }

    /// A page for people.
    pub fn shows(self, status: u16) -> Self {
        self.answers_as(status, "text/html", string())
    }

    /// A status, and nothing else.
    pub fn answers_nothing(mut self, status: u16) -> Self {
        self.responses.insert(status, json!({ "description": description_of(status) }));
        self
    }

    /// 204.
    pub fn done(self) -> Self {
        self.answers_nothing(204)
    }

    /// 201, with where the new thing is.
    pub fn created(self) -> Self {
        self.answers_nothing(201).tells(201, "Location", "Where it is")
    }

    /// 303.
    pub fn redirects(self) -> Self {
        self.answers_nothing(303).tells(303, "Location", "Where to go")
    }

    /// A header of an answer that is told of already.
    pub fn tells(mut self, status: u16, name: &str, description: &str) -> Self {
        let response = self.responses.get_mut(&status).expect("tell of the answer first");
        response["headers"][name] =
            json!({ "required": true, "schema": string(), "description": description });
        self
    }

    /// Statuses of refusals, in the words of the dialect.
    pub fn refuses(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let name = refusal_name(self.group.dialect, *status);
            let reference = json!({ "$ref": format!("#/components/responses/{name}") });
            self.responses.entry(*status).or_insert(reference);
        }
        self
    }

    /// The operation as the document has it.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "operationId": self.id,
            "tags": [self.group.tag],
            "summary": self.summary,
            "security": security(self.group.credential),
            "responses": self.responses.iter().map(|(status, response)| {
                (status.to_string(), response.clone())
            }).collect::<Map<_, _>>(),
        });
        if !self.description.is_empty() {
            json["description"] = self.description.join(" ").into();
        }
        if !self.parameters.is_empty() {
            json["parameters"] = self.parameters.clone().into();
        }
        if let Some((content, required)) = &self.body {
            json["requestBody"] = json!({ "content": content, "required": required });
        }
        json
    }
}

fn security(credential: Credential) -> Value {
    match credential {
        Credential::None => json!([]),
        Credential::Token => json!([{ "token": [] }]),
        Credential::Scim => json!([{ "scimSecret": [] }, { "scimPassword": [] }]),
        Credential::Client => json!([{ "client": [] }, {}]),
    }
}

/// What `security` names.
pub fn security_schemes() -> Value {
    let scheme =
        |kind: &str, told: &str| json!({ "type": "http", "scheme": kind, "description": told });
    json!({
        "token": scheme("bearer", "An access token of the realm in the path, or of `master`"),
        "scimSecret": scheme("bearer", "The shared secret of the organization's SCIM configuration"),
        "scimPassword": scheme("basic", "The username and password of the organization's SCIM configuration"),
        "client": scheme("basic", "A client's id and secret (RFC 6749 section 2.3.1); both may stand in the form instead"),
    })
}

fn description_of(status: u16) -> &'static str {
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

fn refusal_name(dialect: Dialect, status: u16) -> String {
    format!("{dialect:?}{status}")
}

/// Every refusal that an operation may refer to, by name.
pub fn refusals() -> Map<String, Value> {
    let dialects = [
        Dialect::Organizations,
        Dialect::Administration,
        Dialect::OAuth,
        Dialect::Scim,
        Dialect::Pages,
    ];
    let statuses = [400, 401, 403, 404, 409, 410, 412, 413, 415];
    let all = dialects.into_iter().flat_map(|dialect| statuses.map(|status| (dialect, status)));
    all.map(|(dialect, status)| (refusal_name(dialect, status), refusal(dialect, status))).collect()
}

fn refusal(dialect: Dialect, status: u16) -> Value {
    let json = |name: &str| ("application/json", named(name));
    let content = match (dialect, status) {
        (Dialect::Organizations, _) => vec![json("Error")],
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

/// Parameters that many operations have.
pub fn shared_parameters() -> Map<String, Value> {
    let query = |name: &str, told: &str| {
        let parameter =
            json!({ "name": name, "in": "query", "schema": integer(), "description": told });
        (name.to_owned(), parameter)
    };
    let mut shared: Map<String, Value> = [
        query("first", "How many to pass over"),
        query("max", "How many at most; a negative number means no bound"),
    ]
    .into_iter()
    .collect();
    shared.extend(PATH_PARAMETERS.iter().map(|(name, told)| {
        let parameter = json!({
            "name": name, "in": "path", "required": true, "schema": string_in_path(name), "description": told,
        });
        ((*name).to_owned(), parameter)
    }));
    shared
}

/// Variables of paths, and what they are.
pub const PATH_PARAMETERS: &[(&str, &str)] = &[
    ("alias", "The alias of an identity provider"),
    ("client", "The key (`id`) of a client"),
    ("credential", "The id of a credential"),
    ("domain", "A domain of the organization"),
    ("group", "The id of a group"),
    ("id", "The id of a resource"),
    ("invitation", "The id of an invitation"),
    ("kind", "A kind of identity provider"),
    ("mapper", "The id of a mapper"),
    ("org", "The id of an organization"),
    ("previous", "The id of a credential"),
    ("protocol", "`openid-connect` or `saml`"),
    ("provider", "The alias of an identity provider"),
    ("realm", "The name of a realm"),
    ("role", "The name of a role"),
    ("role_id", "The id of a role"),
    ("scope", "The id of a client scope"),
    ("session", "The id of a session"),
    ("target", "The key (`id`) of a client"),
    ("user", "The id of a user"),
];

/// What has a name of its own choice; everything else is an identifier
/// (src/kernel/id.rs).
const NAMES: &[&str] = &[
    "alias",
    "credential",
    "domain",
    "group",
    "id",
    "kind",
    "previous",
    "protocol",
    "provider",
    "role",
];

fn string_in_path(name: &str) -> Value {
    if NAMES.contains(&name) { json!({ "type": "string", "minLength": 1 }) } else { identifier() }
}

/// The schemas that refusals are made of.
pub fn schemas() -> Vec<Named> {
    let sentence = || string();
    vec![
        (
            "Error",
            object().has("error", sentence()).may_have("error_description", sentence()).into(),
        ),
        ("AdministrationError", {
            let members = object()
                .may_have("error", sentence())
                .may_have("error_description", sentence())
                .may_have("errorMessage", sentence());
            let mut schema: Value = members.into();
            schema["minProperties"] = 1.into();
            schema
        }),
        ("OAuthError", object().has("error", string()).has("error_description", sentence()).into()),
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
                        "uniqueness",
                    ]),
                )
                .has("detail", sentence())
                .into(),
        ),
        ("Attributes", map_of(list_of(string()))),
        ("JsonObject", map_of(anything())),
    ]
}
