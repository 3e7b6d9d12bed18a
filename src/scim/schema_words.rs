//! What the attributes of the standard schemas mean, for people who map theirs to
//! them.
use super::schema::Attribute;
use std::borrow::Cow;

/// What `attribute` means: in the organization's words, or in ours.
#[must_use]
pub fn describe(attribute: &Attribute) -> Cow<'_, str> {
    if let Some(description) = &attribute.description {
        return Cow::Borrowed(description);
    }
    let known = WORDS.iter().find(|(name, _)| *name == attribute.name);
    match known {
        Some((_, words)) => Cow::Borrowed(words),
        None => Cow::Borrowed(&attribute.name),
    }
}

/// By name: attributes of one name mean the same wherever they are.
const WORDS: &[(&str, &str)] = &[
    ("userName", "What the directory calls the person; no two users have the same"),
    ("name", "The person's name, in parts"),
    ("formatted", "All of it, as people write it"),
    ("familyName", "The family name"),
    ("givenName", "The given name"),
    ("middleName", "The middle names"),
    ("honorificPrefix", "What stands before the name, such as Dr."),
    ("honorificSuffix", "What stands behind the name, such as III"),
    ("displayName", "The name that people are shown"),
    ("nickName", "What friends call the person"),
    ("profileUrl", "A page about the person"),
    ("title", "The person's job"),
    ("userType", "How the person is related to the organization"),
    ("preferredLanguage", "Languages that the person reads, as in Accept-Language"),
    ("locale", "Where the person is from, for numbers and dates"),
    ("timezone", "The person's time zone, such as Europe/Berlin"),
    ("active", "Whether the person may use the organization's applications"),
    ("emails", "E-mail addresses"),
    ("phoneNumbers", "Telephone numbers"),
    ("ims", "Addresses for instant messages"),
    ("photos", "Pictures of the person"),
    ("addresses", "Postal addresses"),
    ("streetAddress", "Street and house number"),
    ("locality", "The town"),
    ("region", "The state or region"),
    ("postalCode", "The postal code"),
    ("country", "The country"),
    ("groups", "The groups that the person is in, directly or through another group"),
    ("entitlements", "What the directory says the person may have"),
    ("roles", "What the directory says the person is"),
    ("x509Certificates", "Certificates of the person"),
    ("employeeNumber", "The person's number in the organization"),
    ("costCenter", "The cost centre"),
    ("organization", "The organization, in the directory's words"),
    ("division", "The division"),
    ("department", "The department"),
    ("manager", "The person's manager"),
    ("members", "Who is in the group: users, and groups below it"),
    ("value", "The value; of a resource, its id"),
    ("display", "The value, for people to read"),
    ("type", "Which kind of value it is"),
    ("primary", "Whether it is the preferred value; one at most is"),
    ("$ref", "The URL of the resource"),
];
