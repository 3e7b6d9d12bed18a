//! The attributes of SCIM resources, as tables: what stands here is stored,
//! returned and announced at `/Schemas`; nothing else is (RFC 7643 §4, §7, §8.7.1).
use std::borrow::Cow;
use std::sync::LazyLock;

/// The core schema of a user (RFC 7643 §4.1).
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The enterprise extension of a user (RFC 7643 §4.3).
pub const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The core schema of a group (RFC 7643 §4.2).
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What a value of an attribute is (RFC 7643 §2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A URI; kept as text.
    Reference,
    /// Base64; kept as text.
    Binary,
    /// True or false.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// A moment (`xsd:dateTime`), kept as it was written.
    Moment,
    /// An object of these sub-attributes.
    Complex(Vec<Attribute>),
}

/// Who may write an attribute, and when (RFC 7643 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The client, at any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// Only we.
    ReadOnly,
}

/// When an attribute is told (RFC 7643 §2.2). None of ours is kept and never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever the client asks for.
    Always,
    /// Unless the client asks for others.
    Default,
    /// When the client names it.
    Request,
}

/// One attribute and its characteristics (RFC 7643 §2.2, §7).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the RFC's characteristics are yes or no")]
pub struct Attribute {
    /// The name; matched without regard to case (RFC 7643 §2.1).
    pub name: Cow<'static, str>,
    /// What it means, where an organization defined it.
    pub description: Option<String>,
    /// What a value is.
    pub kind: Kind,
    /// Whether it is a list of values.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether values that differ in case are different.
    pub case_exact: bool,
    /// Whether no two resources of an organization may share a value.
    pub unique: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is told.
    pub returned: Returned,
    /// Values that clients are advised to use.
    pub canonical: Vec<Cow<'static, str>>,
    /// What a reference leads to.
    pub references: Vec<Cow<'static, str>>,
}

/// A set of attributes with a name of its own (RFC 7643 §7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The URN by which resources and requests name it.
    pub urn: Cow<'static, str>,
    /// The name for people.
    pub name: Cow<'static, str>,
    /// What it is for.
    pub description: Cow<'static, str>,
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

impl Attribute {
    /// An attribute that a client may write and need not have.
    #[must_use]
    pub fn new(name: &'static str, kind: Kind) -> Self {
        // RFC 7643 §2.3.6, §2.3.7: binary values and references are case-exact.
        let case_exact = matches!(kind, Kind::Binary | Kind::Reference);
        Self {
            name: Cow::Borrowed(name),
            description: None,
            kind,
            multi_valued: false,
            required: false,
            case_exact,
            unique: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            canonical: Vec::new(),
            references: Vec::new(),
        }
    }

    fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    fn texts(names: &[&'static str]) -> Vec<Self> {
        names.iter().map(|name| Self::text(name)).collect()
    }

    fn link(name: &'static str, to: &[&'static str]) -> Self {
        let references = to.iter().map(|to| Cow::Borrowed(*to)).collect();
        Self { references, ..Self::new(name, Kind::Reference) }
    }

    fn list(name: &'static str, of: Vec<Self>) -> Self {
        Self { multi_valued: true, ..Self::new(name, Kind::Complex(of)) }
    }

    fn required(self) -> Self {
        Self { required: true, ..self }
    }

    fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    fn only(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    fn always(self) -> Self {
        Self { returned: Returned::Always, ..self }
    }

    fn of(self, canonical: &[&'static str]) -> Self {
        Self { canonical: canonical.iter().map(|value| Cow::Borrowed(*value)).collect(), ..self }
    }

    /// The sub-attributes of a complex attribute; none of any other.
    #[must_use]
    pub fn subs(&self) -> &[Self] {
        match &self.kind {
            Kind::Complex(subs) => subs,
            _ => &[],
        }
    }

    /// The sub-attribute called `name`, case aside.
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&Self> {
        find(self.subs(), name)
    }

    /// Whether only we write it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

/// The attribute of `table` called `name`, case aside.
#[must_use]
pub fn find<'a>(table: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    table.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// A list of values that have a kind and a preference (RFC 7643 §2.4).
fn plural(name: &'static str, value: Attribute, kinds: &[&'static str]) -> Attribute {
    Attribute::list(
        name,
        vec![
            value,
            Attribute::text("display"),
            Attribute::text("type").of(kinds),
            Attribute::new("primary", Kind::Boolean),
        ],
    )
}

fn addresses() -> Attribute {
    let mut subs = Attribute::texts(&[
        "formatted",
        "streetAddress",
        "locality",
        "region",
        "postalCode",
        "country",
    ]);
    subs.push(Attribute::text("type").of(&["work", "home", "other"]));
    subs.push(Attribute::new("primary", Kind::Boolean));
    Attribute::list("addresses", subs)
}

fn name() -> Attribute {
    let parts = Attribute::texts(&[
        "formatted",
        "familyName",
        "givenName",
        "middleName",
        "honorificPrefix",
        "honorificSuffix",
    ]);
    Attribute::new("name", Kind::Complex(parts))
}

/// The groups of a user, which `/Groups` writes (RFC 7643 §4.1.2).
fn groups() -> Attribute {
    let told = |attribute: Attribute| attribute.only(Mutability::ReadOnly);
    let subs = vec![
        told(Attribute::text("value").exact()),
        told(Attribute::link("$ref", &["Group"])),
        told(Attribute::text("display")),
        told(Attribute::text("type").of(&["direct", "indirect"])),
    ];
    told(Attribute::list("groups", subs))
}

/// The core user. Left out: `password` (credentials are the person's own, never an
/// organization's).
pub static USER: LazyLock<Schema> = LazyLock::new(|| {
    let value = || Attribute::text("value");
    let mut attributes = vec![
        Attribute::text("userName").required().unique(),
        name(),
        Attribute::text("displayName"),
        Attribute::text("nickName"),
        Attribute::link("profileUrl", &["external"]),
    ];
    attributes.extend(Attribute::texts(&[
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
    ]));
    attributes.extend([
        Attribute::new("active", Kind::Boolean),
        plural("emails", value(), &["work", "home", "other"]),
        plural("phoneNumbers", value(), &["work", "home", "mobile", "fax", "pager", "other"]),
        plural("ims", value(), &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
        plural("photos", Attribute::link("value", &["external"]), &["photo", "thumbnail"]),
        addresses(),
        groups(),
        plural("entitlements", value(), &[]),
        plural("roles", value(), &[]),
        plural("x509Certificates", Attribute::new("value", Kind::Binary), &[]),
    ]);
    Schema {
        urn: Cow::Borrowed(USER_URN),
        name: Cow::Borrowed("User"),
        description: Cow::Borrowed("User Account"),
        attributes,
    }
});

/// The enterprise user.
pub static ENTERPRISE: LazyLock<Schema> = LazyLock::new(|| {
    let mut attributes = Attribute::texts(&[
        "employeeNumber",
        "costCenter",
        "organization",
        "division",
        "department",
    ]);
    let manager = vec![
        Attribute::text("value"),
        Attribute::link("$ref", &["User"]),
        Attribute::text("displayName"),
    ];
    attributes.push(Attribute::new("manager", Kind::Complex(manager)));
    Schema {
        urn: Cow::Borrowed(ENTERPRISE_URN),
        name: Cow::Borrowed("EnterpriseUser"),
        description: Cow::Borrowed("Enterprise User"),
        attributes,
    }
});

/// The group: the organization's own (RFC 7643 §4.2).
pub static GROUP: LazyLock<Schema> = LazyLock::new(|| {
    let fixed = |attribute: Attribute| attribute.only(Mutability::Immutable);
    let members = vec![
        fixed(Attribute::text("value").exact()),
        fixed(Attribute::link("$ref", &["User", "Group"])),
        fixed(Attribute::text("type").of(&["User", "Group"])),
        // Not by default: a client that compares what it sent with what it got sent none.
        Attribute {
            returned: Returned::Request,
            ..Attribute::text("display").only(Mutability::ReadOnly)
        },
    ];
    Schema {
        urn: Cow::Borrowed(GROUP_URN),
        name: Cow::Borrowed("Group"),
        description: Cow::Borrowed("Group"),
        attributes: vec![
            Attribute::text("displayName").required(),
            Attribute::list("members", members),
        ],
    }
});

/// What every resource has (RFC 7643 §3.1); no schema lists it.
pub static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    let told = |attribute: Attribute| attribute.only(Mutability::ReadOnly);
    let meta = vec![
        told(Attribute::text("resourceType").exact()),
        told(Attribute::new("created", Kind::Moment)),
        told(Attribute::new("lastModified", Kind::Moment)),
        told(Attribute::link("location", &["uri"])),
        told(Attribute::text("version").exact()),
    ];
    let schemas = Attribute { multi_valued: true, ..Attribute::link("schemas", &["uri"]) };
    vec![
        told(schemas.always()),
        told(Attribute::text("id").exact().always()),
        Attribute::text("externalId").exact(),
        told(Attribute::new("meta", Kind::Complex(meta))),
    ]
});
