//! What the documents name exists.
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(&path)).unwrap_or_default()
}

/// The files under `folder` whose names end in `end`.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(end) {
                found.push(path);
            }
        }
    }
    found
}

/// The words of `line` that look like a path of Rust: `token::a_code_expires`.
fn rust_paths(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .filter(|word| word.contains("::"))
}

/// The text of the file that holds what `path` names, and the name in it.
fn place_of(path: &str) -> (String, &str) {
    let (module, name) = path.rsplit_once("::").unwrap();
    match module.strip_suffix("::tests") {
        Some(module) => {
            let file = module.replace("::", "/");
            (read(format!("src/{file}.rs")) + &read(format!("src/{file}/mod.rs")), name)
        }
        None => (read(format!("tests/native/{module}.rs")), name),
    }
}

#[test]
fn every_test_that_conformance_names_exists() {
    let document = read("docs/conformance.md");
    let rows = document.lines().filter(|line| line.starts_with('|'));
    let named: Vec<&str> = rows.flat_map(rust_paths).filter(|path| *path != "file::name").collect();
    assert!(named.len() > 50, "the document is not read right");
    for path in named {
        let (text, name) = place_of(path);
        assert!(text.contains(&format!("fn {name}(")), "docs/conformance.md names {path}");
    }
}

/// The specifications of which every demand has its row.
const SPECIFICATIONS: [&str; 23] = [
    "OpenID Connect Core 1.0",
    "RFC 6749",
    "RFC 6750",
    "RFC 7009",
    "RFC 7636",
    "RFC 7643",
    "RFC 7644",
    "RFC 7662",
    "RFC 8252",
    "RFC 8414",
    "RFC 8628",
    "RFC 8693",
    "RFC 8707",
    "RFC 9068",
    "RFC 9101",
    "RFC 9126",
    "RFC 9207",
    "RFC 9449",
    "RFC 9700",
    "RFC 9865",
    "OpenID Connect RP-Initiated Logout 1.0",
    "OpenID Connect Back-Channel Logout 1.0",
    "OpenID Connect Front-Channel Logout 1.0",
];

/// The numbers of the section that a row begins with: `| §4.1.2: a code expires |`.
fn section_of(row: &str) -> Vec<u32> {
    let number = row.trim_start_matches("| §").split([':', ',', ' ']).next().unwrap();
    let numbers = number.split('.').map(|part| part.parse().ok());
    numbers.collect::<Option<_>>().unwrap_or_else(|| panic!("no section: {row}"))
}

#[test]
fn every_specification_is_gone_through_from_its_beginning_to_its_end() {
    let document = read("docs/conformance.md");
    for name in SPECIFICATIONS {
        let part = document
            .split("\n## ")
            .find(|part| part.strip_prefix(name).is_some_and(|rest| rest.starts_with(['\n', ':'])));
        let part = part.unwrap_or_else(|| panic!("{name} has no section"));
        let rows: Vec<&str> = part.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
        let (last, rows) = rows.split_last().unwrap_or_else(|| panic!("{name} has no rows"));
        assert!(last.starts_with("| What binds clients | §"), "{name}: {last}");
        let sections: Vec<Vec<u32>> = rows.iter().map(|row| section_of(row)).collect();
        assert!(sections.is_sorted(), "{name}: {sections:?}");
        for row in rows {
            let reasons = ["**not implemented**", "does not apply"];
            let is_told = rust_paths(row).next().is_some()
                || reasons.iter().any(|reason| row.contains(reason));
            assert!(is_told, "{name}: neither a test nor a reason: {row}");
        }
    }
}

#[test]
fn every_table_is_in_the_storage_document() {
    let document = read("docs/storage.md");
    for file in files("schemas", ".sql") {
        let script = fs::read_to_string(&file).unwrap();
        for statement in script.split("CREATE TABLE ").skip(1) {
            let table = statement.split_whitespace().next().unwrap();
            assert!(document.contains(&format!("`{table}`")), "{table} of {}", file.display());
        }
    }
}

#[test]
fn every_fault_point_is_in_the_operations_document() {
    let document = read("docs/operations.md");
    let mut found = 0;
    for file in files("src", ".rs") {
        let text = fs::read_to_string(&file).unwrap();
        for rest in text.split("reach(\"").skip(1) {
            let point = rest.split('"').next().unwrap();
            assert!(document.contains(&format!("| `{point}` |")), "{point} of {}", file.display());
            found += 1;
        }
    }
    assert!(found > 30, "the source is not read right");
}

#[test]
fn every_field_of_a_log_line_is_in_the_logging_document() {
    let document = read("docs/logging.md");
    for file in files("src", ".rs") {
        let text = fs::read_to_string(&file).unwrap();
        for field in fields_of_events(&text) {
            assert!(document.contains(&format!("`{field}`")), "{field} of {}", file.display());
        }
    }
}

/// The fields stand before the message.
fn fields_of_events(text: &str) -> Vec<&str> {
    let calls = ["tracing::error!(", "tracing::warn!(", "tracing::info!("]
        .iter()
        .flat_map(|name| text.split(name).skip(1));
    calls
        .flat_map(|call| call.split('"').next().unwrap().split(','))
        .filter_map(|argument| argument.split_once(" = "))
        .map(|(name, _)| name.trim())
        .collect()
}
