//! Whom to ask when nobody has the name that was typed: a login with it must
//! cost what any other costs.
use crate::crypto::digest::sha256;
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;

/// How many decoys a realm has. Enough that wrong names do not queue behind one
/// object, few enough that nobody can make us create objects at will.
const DECOYS: u8 = 16;

/// The account to ask about `name`: always the same one, and nobody's. It
/// refuses every password, as an account without one does, and stores nothing.
///
/// # Errors
/// `Refused` never: what is built here is an id.
pub fn decoy_for(name: &str) -> Result<UserId, StoreError> {
    let [first, ..] = sha256(name.as_bytes());
    format!("nobody-{}", first % DECOYS)
        .parse()
        .map_err(|_| StoreError::Refused("a decoy has no id".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_meets_the_same_decoy_and_there_are_few() {
        let ids: std::collections::BTreeSet<String> =
            (0..500).map(|n| decoy_for(&format!("user{n}")).unwrap().to_string()).collect();
        assert_eq!(ids.len(), usize::from(DECOYS));
        assert_eq!(decoy_for("ann").unwrap(), decoy_for("ann").unwrap());
    }
}
