//! What a person allowed a client: which scopes, and of which organizations.
use crate::crypto::digest::sha256_base64url;
use crate::kernel::id::{ClientUuid, OrgId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most consents that are listed of one person: more than anybody gives.
pub const MAX_CONSENTS: i64 = 1_000;

/// What is allowed to one client for one organization, or for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The client.
    pub client: ClientUuid,
    /// The organization; `None` for what concerns the person alone.
    pub org: Option<OrgId>,
    /// The scopes.
    pub scopes: Vec<String>,
    /// When it was first given.
    pub given_at: Timestamp,
    /// When it last grew.
    pub updated_at: Timestamp,
}

/// What a person is asked to allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The client.
    pub client: ClientUuid,
    /// The organizations it speaks for.
    pub orgs: Vec<OrgId>,
    /// The scopes.
    pub scopes: Vec<String>,
}

impl Agreement {
    /// The organization of each consent that it takes: one without any, when it
    /// speaks for none.
    #[must_use]
    pub fn places(&self) -> Vec<Option<&OrgId>> {
        if self.orgs.is_empty() { vec![None] } else { self.orgs.iter().map(Some).collect() }
    }

    /// Whether `consents` allow all of it.
    #[must_use]
    pub fn is_covered(&self, consents: &[Consent]) -> bool {
        self.places().into_iter().all(|place| {
            consents.iter().any(|consent| {
                consent.client == self.client
                    && consent.org.as_ref() == place
                    && self.scopes.iter().all(|scope| consent.scopes.contains(scope))
            })
        })
    }

    /// What tells it from every other, in few letters.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256_base64url(&format!("{}\n{:?}\n{:?}", self.client, self.orgs, self.scopes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(orgs: &[&str], scopes: &[&str]) -> Agreement {
        Agreement {
            client: "c".parse().unwrap(),
            orgs: orgs.iter().map(|org| org.parse().unwrap()).collect(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    fn consent(org: Option<&str>, scopes: &[&str]) -> Consent {
        let Agreement { client, scopes, .. } = agreement(&[], scopes);
        let org = org.map(|org| org.parse().unwrap());
        let now = Timestamp::from_unix(0);
        Consent { client, org, scopes, given_at: now, updated_at: now }
    }

    #[test]
    fn every_organization_and_every_scope_wants_its_consent() {
        let alone = [consent(None, &["profile", "email"])];
        assert!(agreement(&[], &["profile"]).is_covered(&alone));
        assert!(!agreement(&[], &["profile", "phone"]).is_covered(&alone));
        assert!(!agreement(&["o1"], &["profile"]).is_covered(&alone));
        let one = [consent(Some("o1"), &["profile"])];
        assert!(agreement(&["o1"], &["profile"]).is_covered(&one));
        assert!(!agreement(&["o1", "o2"], &["profile"]).is_covered(&one));
        assert!(!agreement(&[], &["profile"]).is_covered(&one));
        assert!(!agreement(&[], &[]).is_covered(&[]));
    }

    #[test]
    fn what_differs_has_another_digest() {
        let digests = [
            agreement(&[], &["a", "b"]),
            agreement(&[], &["a b"]),
            agreement(&["a"], &["b"]),
            agreement(&["a", "b"], &[]),
        ]
        .map(|agreement| agreement.digest());
        for (place, digest) in digests.iter().enumerate() {
            assert!(!digests[..place].contains(digest), "{place}");
        }
    }
}
