//! What Okta, Microsoft Entra ID, `OneLogin` and others send, in their order: the
//! sequences of `tests/fixtures/scim`, each against a fresh organization. Their form
//! is explained there.
use crate::harness::browser::{Answer, request};
use crate::scim_setup::{Directory, SECRET, travel0, user};
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sequence {
    /// For who reads the file.
    #[serde(rename = "about")]
    _about: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    note: String,
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    status: u16,
    #[serde(default)]
    expect: Map<String, Value>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    capture: BTreeMap<String, String>,
    members: Option<Vec<String>>,
    #[serde(default)]
    member: BTreeMap<String, bool>,
}

/// What the sequence knows by now, by name.
type Known = BTreeMap<String, String>;

#[test]
fn okta() {
    replay("okta");
}

#[test]
fn entra() {
    replay("entra");
}

#[test]
fn entra_with_the_flag_for_compliance() {
    replay("entra-aadOptscim062020");
}

#[test]
fn onelogin() {
    replay("onelogin");
}

#[test]
fn jumpcloud() {
    replay("jumpcloud");
}

#[test]
fn the_requests_that_the_rfc_prints() {
    replay("rfc");
}

#[test]
fn every_folder_is_replayed() {
    let mut folders: Vec<String> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let replayed = ["entra", "entra-aadOptscim062020", "jumpcloud", "okta", "onelogin", "rfc"];
    assert_eq!(folders, replayed);
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scim")
}

/// Plays every sequence of `folder`, and tells all that went wrong at once.
fn replay(folder: &str) {
    let mut files: Vec<PathBuf> =
        fs::read_dir(fixtures().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder}");
    let wrong: Vec<String> = files.iter().flat_map(|file| play(file)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn play(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let sequence: Sequence =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut known = Known::from([("base".to_owned(), base(&directory))]);
    let mut wrong = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        let name = file.strip_prefix(fixtures()).unwrap().display();
        let told = take(&directory, step, &mut known);
        wrong
            .extend(told.iter().map(|what| format!("{name} {} \"{}\": {what}", at + 1, step.note)));
        if step.capture.keys().any(|name| !known.contains_key(name)) {
            break; // what follows is about something that is not there
        }
    }
    wrong
}

fn base(directory: &Directory<'_>) -> String {
    format!("{}{}", crate::harness::world::BASE, directory.path(""))
}

/// Sends one request; answers what is not as it should be.
fn take(directory: &Directory<'_>, step: &Step, known: &mut Known) -> Vec<String> {
    let answer = send(directory, step, known);
    if answer.status.as_u16() != step.status {
        let (status, text) = (answer.status, answer.text);
        return vec![format!("expected {}, got {status} {text}", step.status)];
    }
    let body = if answer.text.is_empty() { Value::Null } else { answer.json() };
    let mut wrong = differences(step, &body, known);
    for (name, pointer) in &step.capture {
        match body.pointer(pointer).and_then(Value::as_str) {
            Some(value) => drop(known.insert(name.clone(), value.to_owned())),
            None => wrong.push(format!("nothing at {pointer} of {body}")),
        }
    }
    for (name, expected) in &step.member {
        let person = user(directory.world, name);
        let is_member = person.is_some_and(|person| directory.claims(&person).is_some());
        if is_member != *expected {
            wrong.push(format!("{name} is a member: {is_member}"));
        }
    }
    wrong
}

fn send(directory: &Directory<'_>, step: &Step, known: &Known) -> Answer {
    let method = Method::from_bytes(step.method.as_bytes()).unwrap();
    let mut path = directory.path(&filled(&step.path, known));
    if !step.query.is_empty() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(step.query.iter().map(|(name, value)| (name, filled(value, known))));
        // They write %20 for a space.
        path = format!("{path}?{}", query.finish().replace('+', "%20"));
    }
    let mut builder =
        request(method, &path).header("authorization", format!("Bearer {SECRET}").as_str());
    for (name, value) in &step.headers {
        builder = builder.header(name, value);
    }
    let body = step.body.as_ref().map(|body| filled(&body.to_string(), known)).unwrap_or_default();
    Answer::new(directory.world.send(builder.body(Bytes::from(body)).unwrap()))
}

/// `text` with what is known in the place of its names.
fn filled(text: &str, known: &Known) -> String {
    known.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    })
}

fn differences(step: &Step, body: &Value, known: &Known) -> Vec<String> {
    let mut wrong = Vec::new();
    for (pointer, expected) in &step.expect {
        let expected: Value = serde_json::from_str(&filled(&expected.to_string(), known)).unwrap();
        let found = body.pointer(pointer);
        if found != Some(&expected) {
            wrong.push(format!("{pointer} should be {expected}, is {found:?} in {body}"));
        }
    }
    for pointer in &step.absent {
        if let Some(found) = body.pointer(pointer) {
            wrong.push(format!("{pointer} should not be there, is {found}"));
        }
    }
    if let Some(members) = &step.members {
        let mut expected: Vec<String> = members.iter().map(|one| filled(one, known)).collect();
        let mut found = member_ids(body);
        expected.sort();
        found.sort();
        if found != expected {
            wrong.push(format!("members should be {expected:?}, are {found:?}"));
        }
    }
    wrong
}

/// An empty list may be left out (RFC 7643 §2.5).
fn member_ids(body: &Value) -> Vec<String> {
    let members = body["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap_or_default().to_owned()).collect()
}
