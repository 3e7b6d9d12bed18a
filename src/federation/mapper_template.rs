//! The username that a template writes (Keycloak's Username Template Importer).
use super::mapper_claim::Told;

/// What a template writes, besides what was told.
#[derive(Clone, Copy, Debug)]
pub struct Ink<'a> {
    /// The provider's alias.
    pub alias: &'a str,
    /// A fresh one, for `${UUID}`.
    pub uuid: &'a str,
    /// What the provider told.
    pub told: &'a Told,
}

/// Writes `template`: `${ALIAS}`, `${UUID}`, `${CLAIM.name}`, `${NAMEID}` and
/// `${ATTRIBUTE.name}`, each with `|uppercase`, `|lowercase` or `|localpart`. What was not
/// told is empty, and a name that means nothing stands for itself, as in Keycloak.
#[must_use]
pub fn write(template: &str, ink: Ink<'_>) -> String {
    let mut written = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        written.push_str(before);
        let Some((inside, beyond)) = after.split_once('}') else {
            written.push_str("${");
            written.push_str(after);
            return written;
        };
        let mut parts = inside.split('|').map(str::trim);
        let value = value_of(parts.next().unwrap_or_default(), ink);
        written.push_str(&parts.fold(value, changed));
        rest = beyond;
    }
    written.push_str(rest);
    written
}

fn value_of(name: &str, ink: Ink<'_>) -> String {
    let first = |name: &str| ink.told.values(name).into_iter().next().unwrap_or_default();
    match (name, ink.told) {
        ("ALIAS", _) => ink.alias.to_owned(),
        ("UUID", _) => ink.uuid.to_owned(),
        ("NAMEID", Told::Assertion { name_id, .. }) => name_id.clone(),
        (name, Told::Claims(_)) if name.starts_with("CLAIM.") => first(&name["CLAIM.".len()..]),
        (name, Told::Assertion { .. }) if name.starts_with("ATTRIBUTE.") => {
            first(&name["ATTRIBUTE.".len()..])
        }
        (name, _) => name.to_owned(),
    }
}

fn changed(value: String, how: &str) -> String {
    match how {
        "uppercase" => value.to_uppercase(),
        "lowercase" => value.to_lowercase(),
        "localpart" => value.rsplit_once('@').map_or(value.clone(), |(local, _)| local.to_owned()),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_is_written() {
        let claims = json!({ "preferred_username": "Ann", "address": { "city": "Bern" },
                             "email": "ann@example.com" });
        let told = Told::Claims(claims.as_object().unwrap().clone());
        let ink = Ink { alias: "acme", uuid: "u-1", told: &told };
        let cases = [
            ("${ALIAS}.${CLAIM.preferred_username}", "acme.Ann"),
            ("${CLAIM.preferred_username|lowercase}@x", "ann@x"),
            ("${CLAIM.preferred_username | uppercase}", "ANN"),
            ("${CLAIM.email | localpart}", "ann"),
            ("${CLAIM.address.city}-${UUID}", "Bern-u-1"),
            ("<${CLAIM.none}>", "<>"),
            ("${NAMEID}${OTHER}", "NAMEIDOTHER"),
            ("a${open", "a${open"),
            ("plain", "plain"),
        ];
        for (template, written) in cases {
            assert_eq!(write(template, ink), written, "{template}");
        }
    }

    #[test]
    fn a_template_of_saml_has_the_assertions_name() {
        let told = Told::Assertion { name_id: "A@x".to_owned(), attributes: Vec::new() };
        let ink = Ink { alias: "acme", uuid: "u", told: &told };
        assert_eq!(write("${NAMEID|localpart}.${ATTRIBUTE.none}", ink), "A.");
    }
}
