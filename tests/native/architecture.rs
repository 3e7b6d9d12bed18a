//! The rules of `docs/architecture.md` that a line of source can break, checked.
//!
//! It reads text, not syntax: a line is judged as it stands, comments left out.
//! What it cannot see (a path put together by a macro), review must.
use std::fs;
use std::path::{Path, PathBuf};

/// Folder and level. A folder may name only itself and lower levels; folders of
/// one level do not know each other.
const LEVELS: &[(&str, u8)] = &[
    ("kernel", 0),
    ("platform", 1),
    ("crypto", 1),
    ("web", 1),
    ("event", 2),
    ("realm", 3),
    ("account", 4),
    ("org", 5),
    ("invitation", 6),
    ("oidc", 6),
    ("saml", 6),
    ("scim", 6),
    ("federation", 6),
    ("webhook", 6),
    ("console", 7),
    ("transfer", 7),
    ("app", 8),
    ("edge", 9),
];

/// Files that belong to no folder.
const ROOT_FILES: &[&str] = &["lib.rs"];

/// Where a word may stand.
struct Home {
    word: &'static str,
    place: &'static str,
    allows: fn(&Source) -> bool,
}

/// Words with a home, and why: the platform's SDK would make a rule untestable
/// natively, SQL outside the stores would hide from review, HTTP inside the
/// domain would decide status codes twice.
const HOMES: &[Home] = &[
    Home { word: "worker::", place: "edge", allows: |file| file.folder() == "edge" },
    Home { word: "js_sys::", place: "edge", allows: |file| file.folder() == "edge" },
    Home { word: "wasm_bindgen", place: "edge", allows: |file| file.folder() == "edge" },
    Home {
        word: "target_arch",
        place: "edge or lib.rs",
        allows: |file| file.folder() == "edge" || file.path == "lib.rs",
    },
    Home {
        word: "Statement::new(",
        place: "store.rs, a folder store/ or platform/migrate.rs",
        allows: |file| {
            file.name() == "store.rs"
                || file.folders().any(|folder| folder == "store")
                || file.path == "platform/migrate.rs"
        },
    },
    Home {
        word: "http::",
        place: "routes*.rs, web, app, edge, platform/object.rs, scim/door.rs or scim/reply.rs",
        allows: |file| {
            ["web", "app", "edge"].contains(&file.folder())
                || file.name().starts_with("routes")
                || file.folders().any(|folder| folder == "routes")
                || ["platform/object.rs", "scim/door.rs", "scim/reply.rs"]
                    .contains(&file.path.as_str())
        },
    },
];

/// A file of `src`, by its path below it.
struct Source {
    path: String,
}

impl Source {
    /// The folder directly below `src`, or nothing for a root file.
    fn folder(&self) -> &str {
        self.path.split_once('/').map_or("", |(folder, _)| folder)
    }

    fn folders(&self) -> impl Iterator<Item = &str> {
        let (folders, _) = self.path.rsplit_once('/').unwrap_or_default();
        folders.split('/')
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// How many modules deep the file's own module is: `super::` as often leads
    /// to the crate's root.
    fn depth(&self) -> usize {
        let segments = self.path.split('/').count();
        if self.name() == "mod.rs" { segments - 1 } else { segments }
    }

    /// What is wrong with one line of this file.
    fn complaints(&self, line: &str) -> Vec<String> {
        let code = without_comment(line);
        let mut found = Vec::new();
        found.extend(self.misplaced(code));
        if !ROOT_FILES.contains(&self.path.as_str()) {
            found.extend(self.misused(code));
        }
        found
    }

    fn misplaced(&self, code: &str) -> impl Iterator<Item = String> {
        let strangers = HOMES.iter().filter(|home| names(code, home.word) && !(home.allows)(self));
        strangers.map(|home| format!("`{}` belongs in {}", home.word, home.place))
    }

    fn misused(&self, code: &str) -> Vec<String> {
        let folder = self.folder();
        let Some(own) = level(folder) else {
            return vec![format!("the folder `{folder}` has no level")];
        };
        let mut found = Vec::new();
        if code.contains("crate::{") || code.contains("crate::*") {
            found.push("name the folder outside the braces: `use crate::folder::{…}`".to_owned());
        }
        if code.contains("use crate as") {
            found.push("the crate has one name".to_owned());
        }
        if climbs(code) >= self.depth() {
            found.push("reach another folder through `crate::`, not `super::`".to_owned());
        }
        for other in after(code, "crate::").filter(|other| !other.is_empty() && *other != folder) {
            match level(other) {
                None => found.push(format!("`{other}` has no level")),
                Some(theirs) if theirs < own => {}
                Some(_) => found.push(format!("{folder} may not use {other}")),
            }
        }
        found
    }
}

fn level(folder: &str) -> Option<u8> {
    LEVELS.iter().find(|(name, _)| *name == folder).map(|(_, level)| *level)
}

/// The line up to its comment. A `//` inside a URL is none.
fn without_comment(line: &str) -> &str {
    let starts = line.match_indices("//").map(|(at, _)| at);
    let mut comments = starts.filter(|at| !line[..*at].ends_with(':'));
    comments.next().map_or(line, |at| &line[..at])
}

/// Tells whether `word` stands in `code`, and not as the end of another word.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(is_word))
}

/// The name after each `prefix` on the line.
fn after<'a>(code: &'a str, prefix: &'static str) -> impl Iterator<Item = &'a str> {
    code.split(prefix).skip(1).map(|rest| rest.split(|c| !is_word(c)).next().unwrap_or_default())
}

/// The longest run of `super::` on the line.
fn climbs(code: &str) -> usize {
    let mut steps = (0..).take_while(|times| code.contains(&"super::".repeat(times + 1)));
    steps.by_ref().count()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn every_file_names_only_what_its_level_may() {
    let mut broken = Vec::new();
    for file in rust_files(&src()) {
        let path = file.strip_prefix(src()).unwrap().to_str().unwrap().replace('\\', "/");
        let source = Source { path };
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for why in source.complaints(line) {
                broken.push(format!("{}:{}: {why}", source.path, number + 1));
            }
        }
    }
    broken.sort();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_folder_of_the_crate_has_a_level() {
    let entries = fs::read_dir(src()).unwrap().map(|entry| entry.unwrap().path());
    for folder in entries.filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(level(name).is_some(), "{name}");
    }
}

#[test]
fn a_line_that_breaks_a_rule_is_found() {
    let broken = [
        ("oidc/pkce.rs", "use crate::scim::wire;"),
        ("oidc/pkce.rs", "    let id = crate::app::config::load();"),
        ("crypto/jwt.rs", "use crate::platform::keys::KeyStore;"),
        ("kernel/id.rs", "use crate::{platform, web};"),
        ("kernel/id.rs", "use crate::*;"),
        ("kernel/id.rs", "use crate::misc::thing;"),
        ("misc/thing.rs", "fn f() {}"),
        ("thing.rs", "fn f() {}"),
        ("org/member.rs", "use super::super::scim::wire;"),
        ("org/mod.rs", "use super::scim::wire;"),
        ("org/routes.rs", "use worker::Response;"),
        ("org/alarm.rs", "#[cfg(target_arch = \"wasm32\")]"),
        ("org/member.rs", "let statement = Statement::new(FIND);"),
        ("org/member.rs", "use http::StatusCode;"),
        ("org/member.rs", "fn f() -> http::StatusCode { todo }"),
        ("platform/sql.rs", "use http::Request;"),
    ];
    for (path, line) in broken {
        let found = Source { path: path.to_owned() }.complaints(line);
        assert_eq!(found.len(), 1, "{path}: {line}: {found:?}");
    }
}

#[test]
fn a_line_that_breaks_none_is_left_alone() {
    let fine = [
        ("oidc/pkce.rs", "use crate::crypto::digest::{same, sha256};"),
        ("oidc/pkce.rs", "use crate::oidc::code::Code;"),
        ("oidc/pkce.rs", "// crate::scim is at our own level"),
        ("oidc/pkce.rs", "fn f() {} // not worker:: here"),
        ("org/member.rs", "use super::event::Joined;"),
        ("org/store/member.rs", "use super::super::member::Member;"),
        ("org/store/member.rs", "let statement = Statement::new(FIND);"),
        ("org/store.rs", "let statement = Statement::new(FIND);"),
        ("platform/migrate.rs", "sql.run(Statement::new(COUNT))?;"),
        ("platform/object.rs", "let url = \"http://object/call\"; // http::Uri"),
        ("platform/object.rs", "use http::{Request, Response};"),
        ("org/routes_members.rs", "use http::StatusCode;"),
        ("app/worker.rs", "use crate::app::worker_routes::x;"),
        ("edge/mod.rs", "use worker::{Env, event};"),
        ("org/member.rs", "my_worker::call();"),
        ("lib.rs", "#[cfg(target_arch = \"wasm32\")]"),
    ];
    for (path, line) in fine {
        let found = Source { path: path.to_owned() }.complaints(line);
        assert!(found.is_empty(), "{path}: {line}: {found:?}");
    }
}
