//! One operation: what a route takes and what it answers.
//!
//! What follows from where a route is, is not said again: 401 where a credential
//! is asked for, 403 where Keycloak's administration says so, 404 below a realm,
//! 400, 413 and 415 where there is a body.
use super::refusal::{self, Dialect, description_of};
use super::schema::{boolean, string};
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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
        if self.credential == Credential::Scim {
            operation = operation.refuses(&[429]);
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

    /// An answer that is told of already may also be empty, which `OpenAPI` has no
    /// word for.
    pub fn or_empty(mut self, status: u16) -> Self {
        let response = self.responses.get_mut(&status).expect("tell of the answer first");
        response["x-may-be-empty"] = true.into();
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
            let name = refusal::name(self.group.dialect, *status);
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
        "scimSecret": scheme("bearer", "The shared secret, or a token of the kind, that the organization's SCIM configuration asks for"),
        "scimPassword": scheme("basic", "The username and password of the organization's SCIM configuration"),
        "client": scheme("basic", "A client's id and secret (RFC 6749 section 2.3.1); both may stand in the form instead"),
    })
}
