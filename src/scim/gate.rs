//! How often somebody may try credentials at an organization's endpoint, whether
//! there is such an organization or not.
use super::error::Refusal;
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::Ports;
use crate::platform::tries::{Limits, Tries};
use std::net::{IpAddr, Ipv6Addr};

/// How long a wrong credential counts, from the first one of its address on.
pub const FAILURE_WINDOW: Seconds = Seconds(60);

/// Wrong credentials from one address within [`FAILURE_WINDOW`].
pub const MAX_FAILURES_OF_ADDRESS: u32 = 10;

/// Wrong credentials from all addresses within [`FAILURE_WINDOW`]. From then on an
/// address has one wrong try; one without any is let in, so that nobody locks the
/// organization's directory out.
pub const MAX_FAILURES: u32 = 100;

const LIMITS: Limits =
    Limits { of_address: MAX_FAILURES_OF_ADDRESS, in_all: MAX_FAILURES, window: FAILURE_WINDOW };

/// One address before the endpoint of one organization.
pub struct Gate<'a> {
    tries: &'a Tries,
    guarded: String,
    address: String,
    now: Timestamp,
}

impl<'a> Gate<'a> {
    /// The gate of the organization `org`, which need not exist, before `ip`.
    #[must_use]
    pub fn new(
        ports: &'a Ports,
        (realm, org): (&RealmId, &OrgId),
        ip: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let guarded = format!("scim/{realm}/{org}");
        Self { tries: &ports.tries, guarded, address: network(ip.unwrap_or_default()), now }
    }

    /// Passes who has not tried too often.
    ///
    /// # Errors
    /// `Throttled`.
    pub fn pass(&self) -> Result<(), Refusal> {
        match self.tries.wait(self.place(), &LIMITS, self.now) {
            Some(left) => Err(Refusal::Throttled(left)),
            None => Ok(()),
        }
    }

    /// Somebody presented a wrong credential.
    pub fn wrong(&self) {
        self.tries.wrong(self.place(), &LIMITS, self.now);
    }

    /// Somebody presented the right one.
    pub fn right(&self) {
        self.tries.right(self.place());
    }

    fn place(&self) -> (&str, &str) {
        (&self.guarded, &self.address)
    }
}

/// Whoever has one address of a network of IPv6 has all of them: 2^64.
fn network(ip: &str) -> String {
    match ip.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        _ => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_ne!(network("::ffff:192.0.2.1"), network("::ffff:192.0.2.2"));
    }
}
