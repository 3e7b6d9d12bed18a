//! The provisioning log: what the organization's directory asked, and what came of
//! it. Neither bodies nor secrets; of a resource, what its directory calls it.
use crate::kernel::time::{Seconds, Timestamp};
use crate::org::error::OrgError;
use crate::web::form::Form;

/// Most entries that are kept, whatever their age.
pub const MAX_LOG_ROWS: i64 = 1_000_000;

/// Most refused credentials that are written down within [`REFUSED_WINDOW`]:
/// strangers do not fill the log. (Those who try too often are not written down at
/// all.)
pub const MAX_REFUSED: i64 = 100;

/// See [`MAX_REFUSED`].
pub const REFUSED_WINDOW: Seconds = Seconds::days(1);

/// Longest text of an entry, in characters; the rest is cut.
pub const MAX_TEXT_CHARS: usize = 256;

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was not.
    Failure,
    /// The credential was not right.
    Refused,
}

impl Outcome {
    /// As the wire spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Refused => "refused",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let every = [Self::Success, Self::Failure, Self::Refused];
        every.into_iter().find(|one| one.as_str() == text).ok_or(())
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number: the later, the higher. 0 before it is stored.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// The method.
    pub method: String,
    /// The path below the service, without the query.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Why it was refused (RFC 7644 §3.12).
    pub scim_type: Option<String>,
    /// The same, in words.
    pub detail: Option<String>,
    /// `User` or `Group`.
    pub resource_type: Option<String>,
    /// Our id of it.
    pub resource_id: Option<String>,
    /// The directory's id of it.
    pub external_id: Option<String>,
    /// What the directory calls it.
    pub user_name: Option<String>,
    /// Operations of a PATCH or a bulk request.
    pub operations: Option<i64>,
    /// Those of a bulk request that failed.
    pub failed: Option<i64>,
    /// The kind of the credential that was right.
    pub credential: Option<String>,
    /// Whose access token it was.
    pub caller: Option<String>,
    /// The address that the request came from.
    pub address: Option<String>,
}

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this outcome only.
    pub outcome: Option<Outcome>,
    /// Of this resource only.
    pub resource: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl Wanted {
    /// What `query` asks for: `outcome`, `resource_id`, `from` and `to`, which are
    /// Unix seconds.
    ///
    /// # Errors
    /// `Field`.
    pub fn read(query: &Form) -> Result<Self, OrgError> {
        let given = |name: &str| query.first(name).filter(|text| !text.is_empty());
        let time = |name: &str| {
            let read = |text: &str| {
                let seconds = text.parse().ok().map(Timestamp::from_unix);
                seconds.ok_or_else(|| OrgError::Field(format!("{name} is not Unix seconds")))
            };
            given(name).map(read).transpose()
        };
        let outcome = given("outcome").map(|text| {
            let why = || "outcome is not success, failure or refused".to_owned();
            text.parse().map_err(|()| OrgError::Field(why()))
        });
        Ok(Self {
            outcome: outcome.transpose()?,
            resource: given("resource_id").map(str::to_owned),
            from: time("from")?,
            to: time("to")?,
        })
    }
}
