//! Whether what is said is what is described. The harness asks this of every
//! request and answer of every native test, so that a status, a media type or a
//! member that nobody described fails the test that meets it.
use super::document::DOCUMENT;
use super::{parameter, refusal};
use bytes::Bytes;
use guildhall::web::router::{Found, Route, Router};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Where to say what was not said.
const PLACE: &str = "describe it in tests/native/openapi";

/// An operation and what its references stand for.
struct Described {
    name: String,
    json: Value,
}

static ROUTER: LazyLock<Router<usize>> = LazyLock::new(|| {
    let routes = DOCUMENT.operations.iter().enumerate().map(|(handler, operation)| Route {
        method: operation.method.clone(),
        path: operation.path,
        handler,
    });
    Router::new(routes.collect()).unwrap()
});

static DESCRIBED: LazyLock<Vec<Described>> = LazyLock::new(|| {
    let describe = |operation: &super::operation::Operation| Described {
        name: format!("{} {}", operation.method, operation.path),
        json: operation.to_json(),
    };
    DOCUMENT.operations.iter().map(describe).collect()
});

static REFUSALS: LazyLock<Map<String, Value>> = LazyLock::new(refusal::all);

static PARAMETERS: LazyLock<Map<String, Value>> = LazyLock::new(parameter::all);

/// What of a request is compared with its description.
pub struct Asked {
    operation: usize,
    query: String,
    content_type: Option<String>,
    body: Bytes,
}

impl Asked {
    /// `None` for what is not described: routes of development, methods that a
    /// path does not have. That every route is described, another test sees to.
    pub fn of(request: &Request<Bytes>) -> Option<Self> {
        if request.method() == Method::HEAD {
            return None;
        }
        let path = request.uri().path();
        let path = path.strip_prefix("/auth").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
        let Found::Handler(operation, _) = ROUTER.find(request.method(), path) else { return None };
        Some(Self {
            operation: *operation,
            query: request.uri().query().unwrap_or_default().to_owned(),
            content_type: media_type(request.headers()),
            body: request.body().clone(),
        })
    }

    /// Panics when request and answer are not as described.
    pub fn expect(&self, response: &Response<Bytes>) {
        // Tests break things on purpose; 413 comes before any route is looked at.
        let status = response.status();
        if status.is_server_error() || status == StatusCode::PAYLOAD_TOO_LARGE {
            return;
        }
        let Described { name, json } = &DESCRIBED[self.operation];
        if let Err(problem) = self.check(json, response) {
            panic!("{name} {status}: {problem}; {PLACE}");
        }
    }

    fn check(&self, operation: &Value, response: &Response<Bytes>) -> Result<(), String> {
        let status = response.status();
        check_answer(operation, response)?;
        if status.is_success() {
            self.check_query(operation)?;
            self.check_body(operation)?;
        }
        Ok(())
    }

    /// What was understood is described.
    fn check_query(&self, operation: &Value) -> Result<(), String> {
        let described = operation["parameters"].as_array().into_iter().flatten();
        let described: Vec<&Value> = described.map(|one| resolve(one, &PARAMETERS)).collect();
        for (name, _) in url::form_urlencoded::parse(self.query.as_bytes()) {
            let is_described =
                described.iter().any(|one| one["name"] == *name && one["in"] == "query");
            if !is_described {
                return Err(format!("the query has {name}"));
            }
        }
        Ok(())
    }

    fn check_body(&self, operation: &Value) -> Result<(), String> {
        let content = &operation["requestBody"]["content"];
        let Some(media_type) = &self.content_type else { return Ok(()) };
        // What may be plain text is text, whatever its type says.
        if self.body.is_empty() || content.is_null() || content.get("text/plain").is_some() {
            return Ok(());
        }
        let described = content.get(media_type).ok_or(format!("the body is {media_type}"))?;
        if media_type.ends_with("json") {
            let body = serde_json::from_slice(&self.body).map_err(|error| error.to_string())?;
            fits(&described["schema"], &body).map_err(|misfit| misfit.told("the body"))?;
        }
        Ok(())
    }
}

fn check_answer(operation: &Value, response: &Response<Bytes>) -> Result<(), String> {
    let described = &operation["responses"][response.status().as_str()];
    if described.is_null() {
        return Err("the status is not described".to_owned());
    }
    let described = resolve(described, &REFUSALS);
    for (name, header) in described["headers"].as_object().into_iter().flatten() {
        if header["required"] == true && !response.headers().contains_key(name.as_str()) {
            return Err(format!("there is no {name}"));
        }
    }
    let content = &described["content"];
    match media_type(response.headers()) {
        None if response.body().is_empty()
            && (content.is_null() || described["x-may-be-empty"] == true) =>
        {
            Ok(())
        }
        None => Err("there is no content, or no type of it".to_owned()),
        Some(media_type) => {
            let described =
                content.get(&media_type).ok_or(format!("the answer is {media_type}"))?;
            if !media_type.ends_with("json") {
                return Ok(());
            }
            let body =
                serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
            fits(&described["schema"], &body).map_err(|misfit| misfit.told("the answer"))
        }
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("content-type")?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

/// What a reference stands for.
fn resolve<'a>(value: &'a Value, named: &'a Map<String, Value>) -> &'a Value {
    match value["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        Some(name) => &named[name],
        None => value,
    }
}

/// Where a value is not as described, and why. Whoever finds it knows the why,
/// and each on the way out adds where: most values fit, so nothing is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    place: String,
    why: String,
}

impl Misfit {
    fn new(why: String) -> Self {
        Self { place: String::new(), why }
    }

    fn within(self, outer: &str) -> Self {
        Self { place: format!("{outer}{}", self.place), ..self }
    }

    fn told(self, what: &str) -> String {
        format!("{what}{} {}", self.place, self.why)
    }
}

/// Whether `value` is as `schema` says: the part of JSON Schema that `schema.rs`
/// writes.
pub fn fits(schema: &Value, value: &Value) -> Result<(), Misfit> {
    let schema = DOCUMENT.resolve(schema);
    for (keyword, says) in schema.as_object().unwrap() {
        if !holds(keyword, says, value) {
            return Err(Misfit::new(format!("is not of {keyword} {says}: {value}")));
        }
    }
    match value {
        Value::Array(items) => check_items(schema, items),
        Value::Object(members) => check_members(schema, members),
        _ => Ok(()),
    }
}

fn check_items(schema: &Value, items: &[Value]) -> Result<(), Misfit> {
    let Some(described) = schema.get("items") else { return Ok(()) };
    for (number, item) in items.iter().enumerate() {
        fits(described, item).map_err(|misfit| misfit.within(&format!("[{number}]")))?;
    }
    Ok(())
}

fn check_members(schema: &Value, members: &Map<String, Value>) -> Result<(), Misfit> {
    for (name, member) in members {
        let checked = match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => Err(Misfit::new("is not described".to_owned())),
            (Value::Null, Value::Null | Value::Bool(true)) => Ok(()),
            (Value::Null, others) => fits(others, member),
            (described, _) => fits(described, member),
        };
        checked.map_err(|misfit| misfit.within(&format!(".{name}")))?;
    }
    Ok(())
}

/// Keywords that are looked at elsewhere, are for readers, or stand in paths only.
const PASSED_OVER: &[&str] = &[
    "items",
    "properties",
    "additionalProperties",
    "format",
    "description",
    "examples",
    "pattern",
    "minLength",
];

/// Whether one keyword holds, its parts aside.
fn holds(keyword: &str, says: &Value, value: &Value) -> bool {
    let number = || says.as_f64().unwrap();
    let length = || says.as_u64().unwrap();
    let size = value.as_array().map(Vec::len).map(|size| size as u64);
    let members = value.as_object().map(Map::len).map(|members| members as u64);
    match keyword {
        "type" => is_of_type(says, value),
        "enum" => says.as_array().unwrap().contains(value),
        "minimum" => value.as_f64().is_none_or(|given| given >= number()),
        "maximum" => value.as_f64().is_none_or(|given| given <= number()),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= length()),
        "maxItems" => size.is_none_or(|size| size <= length()),
        "minProperties" => members.is_none_or(|members| members >= length()),
        "maxProperties" => members.is_none_or(|members| members <= length()),
        "required" => says
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .all(|name| value.as_object().is_none_or(|members| members.contains_key(name))),
        "allOf" => says.as_array().unwrap().iter().all(|one| fits(one, value).is_ok()),
        "not" => fits(says, value).is_err(),
        "anyOf" => says.as_array().unwrap().iter().any(|one| fits(one, value).is_ok()),
        keyword if PASSED_OVER.contains(&keyword) => true,
        other => panic!("holds() does not know {other}"),
    }
}

fn is_of_type(says: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("fits() does not know type {other}"),
    };
    match says {
        Value::String(name) => is(name),
        names => names.as_array().unwrap().iter().filter_map(Value::as_str).any(is),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::browser::json_request;

    const ORGS: &str = "/auth/realms/travel0/orgs/";

    fn answer(status: u16, media_type: &str, body: &str) -> Response<Bytes> {
        let response = Response::builder().status(status).header("content-type", media_type);
        response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }

    /// What is wrong with a request and its answer.
    fn problem(method: Method, path: &str, body: &Value, response: &Response<Bytes>) -> String {
        let asked = Asked::of(&json_request(method, path, "", Some(body))).unwrap();
        let checked = asked.check(&DESCRIBED[asked.operation].json, response);
        checked.err().unwrap_or_default()
    }

    #[test]
    fn an_answer_is_as_described_or_is_told() {
        const JSON: &str = "application/json; charset=utf-8";
        let listed = |body: &str| problem(Method::GET, ORGS, &json!({}), &answer(200, JSON, body));
        let whole = r#"[{"id":"1","name":"n","domains":[],"attributes":{"a":["b"]}}]"#;
        assert_eq!(listed(whole), "");
        for (body, told) in [
            ("{}", "the answer is not of type"),
            (r#"[{"name":"n","domains":[],"attributes":{}}]"#, "the answer[0] is not of required"),
            (&whole.replace("[\"b\"]", "1"), "the answer[0].attributes.a is not of type"),
            (&whole.replace("\"id\"", "\"more\":1,\"id\""), "the answer[0].more is not described"),
        ] {
            assert!(listed(body).starts_with(told), "{body}: {}", listed(body));
        }
        let other = |response| problem(Method::GET, ORGS, &json!({}), &response);
        assert_eq!(other(answer(418, JSON, whole)), "the status is not described");
        assert_eq!(other(answer(200, "text/html", whole)), "the answer is text/html");
        let created = problem(Method::POST, ORGS, &json!({ "name": "n" }), &answer(201, JSON, ""));
        assert_eq!(created, "there is no Location");
    }

    #[test]
    #[should_panic(expected = "GET /realms/{realm}/orgs 418 I'm a teapot: the status is not")]
    fn a_status_that_nobody_described_fails_the_test_that_meets_it() {
        let asked = Asked::of(&json_request(Method::GET, ORGS, "", None)).unwrap();
        asked.expect(&answer(418, "application/json", "[]"));
    }

    #[test]
    fn what_was_understood_is_described_or_is_told() {
        let changed = |query: &str, body: &Value| {
            let done = Response::builder().status(204).body(Bytes::new()).unwrap();
            problem(Method::PUT, &format!("/realms/travel0/orgs/1{query}"), body, &done)
        };
        assert_eq!(changed("", &json!({ "name": "n", "url": null })), "");
        assert_eq!(changed("?odd=1", &json!({ "name": "n" })), "the query has odd");
        assert_eq!(changed("", &json!({ "name": "n", "odd": 1 })), "the body.odd is not described");
    }
}
