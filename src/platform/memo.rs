//! A cache inside the isolate, for things that change rarely and are asked for
//! on every request: realms, clients, signing keys.
//!
//! Bounded in age, so that a change made elsewhere is seen within seconds, and
//! in size, so that a flood of unknown names cannot fill the memory.
use crate::kernel::time::{Seconds, Timestamp};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// How long a copy may be used. The price of "no I/O for a warm token": a change
/// to a realm, client or key made through another isolate is seen this late.
pub const MEMO_AGE: Seconds = Seconds(10);

/// Most entries an isolate keeps; it forgets all of them when it is full, which
/// costs a few directory reads and needs no bookkeeping.
pub const MEMO_ENTRIES: usize = 4096;

/// When a copy was stored, and the copy.
type Entry = (Timestamp, Rc<dyn Any>);

/// The cache of one isolate.
#[derive(Default)]
pub struct Memo(RefCell<HashMap<String, Entry>>);

impl Memo {
    /// The copy kept under `key`, unless it is of another type or too old.
    #[must_use]
    pub fn get<T: 'static>(&self, key: &str, now: Timestamp) -> Option<Rc<T>> {
        self.get_within(key, now, MEMO_AGE)
    }

    /// The copy kept under `key`, unless it is of another type or was stored `age`
    /// ago: for what others own and tell us not of.
    #[must_use]
    pub fn get_within<T: 'static>(&self, key: &str, now: Timestamp, age: Seconds) -> Option<Rc<T>> {
        let entries = self.0.borrow();
        let (stored_at, value) = entries.get(key)?;
        let fresh = *stored_at <= now && now < *stored_at + age;
        if fresh { value.clone().downcast().ok() } else { None }
    }

    /// Keeps `value` under `key`.
    pub fn put<T: 'static>(&self, key: String, value: Rc<T>, now: Timestamp) {
        let mut entries = self.0.borrow_mut();
        if entries.len() >= MEMO_ENTRIES {
            entries.clear();
        }
        entries.insert(key, (now, value));
    }

    /// Forgets everything: called after a change, so that who made it sees it.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    #[test]
    fn a_copy_lives_until_its_age_and_no_longer() {
        let memo = Memo::default();
        memo.put("realm/travel0".to_owned(), Rc::new(7_u8), NOW);

        let last = Timestamp::from_unix(NOW.as_unix() + i64::from(MEMO_AGE.0) - 1);
        assert_eq!(memo.get::<u8>("realm/travel0", last).as_deref(), Some(&7));
        assert_eq!(memo.get::<u8>("realm/travel0", NOW + MEMO_AGE), None);
    }

    #[test]
    fn a_flood_of_names_does_not_grow_it() {
        let memo = Memo::default();
        for number in 0..MEMO_ENTRIES * 2 {
            memo.put(format!("realm/{number}"), Rc::new(()), NOW);
        }
        assert!(memo.0.borrow().len() <= MEMO_ENTRIES);
    }
}
