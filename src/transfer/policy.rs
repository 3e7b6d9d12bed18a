//! What becomes of a thing that is there already.
use crate::realm::error::AdminError;

/// Keycloak's `ifResourceExists`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfExists {
    /// Nothing of the document is imported.
    #[default]
    Fail,
    /// It stays as it is.
    Skip,
    /// The document's takes its place.
    Overwrite,
}

impl std::str::FromStr for IfExists {
    type Err = AdminError;

    fn from_str(text: &str) -> Result<Self, AdminError> {
        match text {
            "FAIL" => Ok(Self::Fail),
            "SKIP" => Ok(Self::Skip),
            "OVERWRITE" => Ok(Self::Overwrite),
            _ => {
                let why = "ifResourceExists is one of FAIL, SKIP and OVERWRITE";
                Err(AdminError::Invalid(why.to_owned()))
            }
        }
    }
}

/// What is done with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// It is made.
    Add,
    /// What is there stays.
    Skip(T),
    /// It takes the place of what is there.
    Overwrite(T),
}

impl IfExists {
    /// The verdict over a thing of which `there` is there; `told` is what Keycloak
    /// says when that may not be.
    ///
    /// # Errors
    /// `Conflict`.
    pub fn decide<T>(
        self,
        there: Option<T>,
        told: impl FnOnce() -> String,
    ) -> Result<Verdict<T>, AdminError> {
        match (there, self) {
            (None, _) => Ok(Verdict::Add),
            (Some(_), Self::Fail) => Err(AdminError::Conflict(told())),
            (Some(there), Self::Skip) => Ok(Verdict::Skip(there)),
            (Some(there), Self::Overwrite) => Ok(Verdict::Overwrite(there)),
        }
    }
}

impl<T> Verdict<T> {
    /// The same, but that what is ours stays.
    #[must_use]
    pub fn sparing(self, is_ours: bool) -> Self {
        match self {
            Self::Overwrite(there) if is_ours => Self::Skip(there),
            verdict => verdict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_added_whatever_the_policy() {
        for policy in [IfExists::Fail, IfExists::Skip, IfExists::Overwrite] {
            let verdict = policy.decide(None::<u8>, String::new).unwrap();
            assert_eq!(verdict, Verdict::Add, "{policy:?}");
        }
    }

    #[test]
    fn the_policy_decides_over_what_is_there() {
        let decide = |policy: IfExists| policy.decide(Some(7), || "it is there".to_owned());
        assert_eq!(decide(IfExists::Fail).unwrap_err().to_string(), "it is there");
        assert_eq!(decide(IfExists::Skip).unwrap(), Verdict::Skip(7));
        assert_eq!(decide(IfExists::Overwrite).unwrap(), Verdict::Overwrite(7));
        assert_eq!(decide(IfExists::Overwrite).unwrap().sparing(true), Verdict::Skip(7));
        assert_eq!(decide(IfExists::Overwrite).unwrap().sparing(false), Verdict::Overwrite(7));
    }

    #[test]
    fn a_policy_is_written_as_keycloak_does() {
        for (text, policy) in [("FAIL", IfExists::Fail), ("SKIP", IfExists::Skip)] {
            assert_eq!(text.parse::<IfExists>().unwrap(), policy);
        }
        for text in ["", "skip", "REPLACE"] {
            assert!(text.parse::<IfExists>().is_err(), "{text:?}");
        }
    }
}
