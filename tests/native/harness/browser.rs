//! A browser without pictures: cookies, links, forms.
use super::world::{BASE, World};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// An answer, as a test reads it.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn new(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The member `error` of a JSON body.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The value of the hidden or prefilled form field `name`.
    pub fn field(&self, name: &str) -> String {
        let input = self
            .text
            .split("<input")
            .find(|input| input.contains(&format!("name=\"{name}\"")))
            .unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        attribute(input, "value")
    }

    /// Where the page's first form goes.
    pub fn action(&self) -> String {
        let form = self.text.split("<form").nth(1).unwrap_or_else(|| panic!("no form: {self:?}"));
        attribute(form, "action")
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_default().replace("&amp;", "&").replace("&#38;", "&")
}

/// A request to the world, under construction.
pub fn request(method: Method, path: &str) -> http::request::Builder {
    let url = if path.starts_with("http") { path.to_owned() } else { format!("{BASE}{path}") };
    Request::builder().method(method).uri(url)
}

/// Text as a urlencoded form.
pub fn form(fields: &[(&str, &str)]) -> Bytes {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    Bytes::from(body.finish())
}

impl World {
    /// GET with a bearer token, or none when it is empty.
    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token, None)
    }

    pub fn delete(&self, path: &str, token: &str) -> Answer {
        self.call(Method::DELETE, path, token, None)
    }

    /// POST of JSON with a bearer token.
    pub fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, token, Some(body))
    }

    pub fn call(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Answer {
        Answer::new(self.send(json_request(method, path, token, body)))
    }

    /// POST of a form.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::new(self.send(form_request(path, fields)))
    }
}

/// A JSON request with a bearer token, or none when it is empty.
pub fn json_request(
    method: Method,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> Request<Bytes> {
    let mut builder = request(method, path);
    if !token.is_empty() {
        builder = builder.header("authorization", format!("Bearer {token}"));
    }
    match body {
        Some(body) => builder
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap(),
        None => builder.body(Bytes::new()).unwrap(),
    }
}

/// A POST of a form.
pub fn form_request(path: &str, fields: &[(&str, &str)]) -> Request<Bytes> {
    request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form(fields))
        .unwrap()
}

/// A browser: keeps cookies, does not follow redirects.
pub struct Browser<'a> {
    world: &'a World,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, cookies: RefCell::default() }
    }

    pub fn open(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Bytes::new()).unwrap())
    }

    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form_request(path, fields))
    }

    /// Adds this browser's cookies to a request that a test made by hand.
    pub fn dress(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let cookies: Vec<_> =
            self.cookies.borrow().iter().map(|(key, value)| format!("{key}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert("cookie", cookies.join("; ").parse().unwrap());
        }
        request
    }

    pub fn send(&self, request: Request<Bytes>) -> Answer {
        let answer = Answer::new(self.world.send(self.dress(request)));
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (key, value) = pair.split_once('=').unwrap();
            self.cookies.borrow_mut().insert(key.to_owned(), value.to_owned());
        }
        answer
    }
}
