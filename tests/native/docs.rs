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
