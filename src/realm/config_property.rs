//! One property of a thing that is configured by names and values, as a program
//! asks for it that draws a form (Keycloak's `ConfigPropertyRepresentation`).
use serde::Serialize;

/// A property of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigProperty {
    /// Its key.
    pub name: &'static str,
    label: &'static str,
    help_text: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'static [&'static str]>,
    secret: bool,
    required: bool,
    read_only: bool,
}

impl ConfigProperty {
    /// A property of Keycloak's type `kind`.
    #[must_use]
    pub const fn new(
        name: &'static str,
        kind: &'static str,
        label: &'static str,
        help_text: &'static str,
    ) -> Self {
        Self {
            name,
            label,
            help_text,
            kind,
            default_value: None,
            options: None,
            secret: false,
            required: false,
            read_only: false,
        }
    }

    /// A line of text.
    #[must_use]
    pub const fn text(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(name, "String", label, help)
    }

    /// A switch.
    #[must_use]
    pub const fn flag(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(name, "boolean", label, help)
    }

    /// One of `options`.
    #[must_use]
    pub const fn choice(
        name: &'static str,
        options: &'static [&'static str],
        label: &'static str,
        help: &'static str,
    ) -> Self {
        Self { options: Some(options), ..Self::new(name, "List", label, help) }
    }

    /// The same, with the value that counts when none is given.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default_value: Some(default), ..self }
    }
}
