//! The attributes of a SCIM user, as tables: what stands here is stored,
//! returned and announced at `/Schemas`; nothing else is (RFC 7643 §4.1, §4.3).

/// The core schema of a user (RFC 7643 §4.1).
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The enterprise extension of a user (RFC 7643 §4.3).
pub const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The core schema of a group (RFC 7643 §4.2).
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What a value of an attribute is (RFC 7643 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A URI; kept as text.
    Reference,
    /// Base64; kept as text.
    Binary,
    /// True or false.
    Boolean,
    /// An object of these sub-attributes.
    Complex(&'static [Attribute]),
}

/// One attribute and its characteristics (RFC 7643 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the RFC's characteristics are yes or no")]
pub struct Attribute {
    /// The name; matched without regard to case (RFC 7643 §2.1).
    pub name: &'static str,
    /// What a value is.
    pub kind: Kind,
    /// Whether it is a list of values.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether values that differ in case are different.
    pub case_exact: bool,
    /// Whether no two users of an organization may share a value.
    pub unique: bool,
}

impl Attribute {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, multi_valued: false, required: false, case_exact: false, unique: false }
    }

    const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    const fn list(name: &'static str, of: &'static [Self]) -> Self {
        Self { multi_valued: true, ..Self::new(name, Kind::Complex(of)) }
    }

    const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// The sub-attributes of a complex attribute; none of any other.
    #[must_use]
    pub const fn subs(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(subs) => subs,
            Kind::Text | Kind::Reference | Kind::Binary | Kind::Boolean => &[],
        }
    }

    /// The sub-attribute called `name`, case aside.
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&'static Self> {
        find(self.subs(), name)
    }
}

const VALUE: Attribute = Attribute::text("value");
const DISPLAY: Attribute = Attribute::text("display");
const TYPE: Attribute = Attribute::text("type");
const PRIMARY: Attribute = Attribute::new("primary", Kind::Boolean);

const PLAIN: &[Attribute] = &[VALUE, DISPLAY, TYPE, PRIMARY];
const PHOTO: &[Attribute] =
    &[Attribute::new("value", Kind::Reference).exact(), DISPLAY, TYPE, PRIMARY];
const CERTIFICATE: &[Attribute] =
    &[Attribute::new("value", Kind::Binary).exact(), DISPLAY, TYPE, PRIMARY];

const NAME: &[Attribute] = &[
    Attribute::text("formatted"),
    Attribute::text("familyName"),
    Attribute::text("givenName"),
    Attribute::text("middleName"),
    Attribute::text("honorificPrefix"),
    Attribute::text("honorificSuffix"),
];

const ADDRESS: &[Attribute] = &[
    Attribute::text("formatted"),
    Attribute::text("streetAddress"),
    Attribute::text("locality"),
    Attribute::text("region"),
    Attribute::text("postalCode"),
    Attribute::text("country"),
    TYPE,
    PRIMARY,
];

const MANAGER: &[Attribute] =
    &[VALUE, Attribute::new("$ref", Kind::Reference).exact(), Attribute::text("displayName")];

/// The client's own key for the resource. Common to all resources (RFC 7643
/// §3.1), so no schema lists it.
pub const EXTERNAL_ID: Attribute = Attribute::text("externalId").exact();

/// The core user. Left out: `password` (credentials are the person's own, never
/// an organization's) and `groups` (not yet).
pub const USER: &[Attribute] = &[
    Attribute { required: true, unique: true, ..Attribute::text("userName") },
    Attribute::new("name", Kind::Complex(NAME)),
    Attribute::text("displayName"),
    Attribute::text("nickName"),
    Attribute::new("profileUrl", Kind::Reference).exact(),
    Attribute::text("title"),
    Attribute::text("userType"),
    Attribute::text("preferredLanguage"),
    Attribute::text("locale"),
    Attribute::text("timezone"),
    Attribute::new("active", Kind::Boolean),
    Attribute::list("emails", PLAIN),
    Attribute::list("phoneNumbers", PLAIN),
    Attribute::list("ims", PLAIN),
    Attribute::list("photos", PHOTO),
    Attribute::list("addresses", ADDRESS),
    Attribute::list("entitlements", PLAIN),
    Attribute::list("roles", PLAIN),
    Attribute::list("x509Certificates", CERTIFICATE),
];

/// The enterprise user.
pub const ENTERPRISE: &[Attribute] = &[
    Attribute::text("employeeNumber"),
    Attribute::text("costCenter"),
    Attribute::text("organization"),
    Attribute::text("division"),
    Attribute::text("department"),
    Attribute::new("manager", Kind::Complex(MANAGER)),
];

const MEMBER: &[Attribute] = &[
    Attribute::text("value").exact(),
    Attribute::new("$ref", Kind::Reference).exact(),
    Attribute::text("type").exact(),
    DISPLAY,
];

/// The core group.
pub const GROUP: &[Attribute] = &[
    Attribute { required: true, ..Attribute::text("displayName") },
    Attribute::list("members", MEMBER),
];

/// Attributes that only we set: ignored in a body that a client read from us and
/// sends back, refused as the target of a PATCH (RFC 7644 §3.5.1, §3.5.2).
pub const READ_ONLY: &[&str] = &["id", "meta", "schemas", "groups"];

/// The attribute of `table` called `name`, case aside.
#[must_use]
pub fn find(table: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    table.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// The top-level attribute of a user called `name`, case aside; `externalId`
/// among them.
#[must_use]
pub fn find_core(name: &str) -> Option<&'static Attribute> {
    const COMMON: &[Attribute] = &[EXTERNAL_ID];
    find(USER, name).or_else(|| find(COMMON, name))
}

/// Whether `name` is one that only we set.
#[must_use]
pub fn is_read_only(name: &str) -> bool {
    READ_ONLY.iter().any(|known| known.eq_ignore_ascii_case(name))
}
