//! Wrong tries at secrets, counted in the memory of the isolate that guards them:
//! a flood of guesses costs no storage, and an object that is forgotten forgets
//! them. What is guarded and who tries are plain text to this.
use crate::kernel::time::{Seconds, Timestamp};
use std::cell::RefCell;
use std::collections::HashMap;

/// Most things that are guarded at once, and most addresses that are counted for
/// each of them. Beyond that, the oldest count is forgotten.
pub const MAX_COUNTED: usize = 1024;

/// How many wrong tries are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From one address.
    pub of_address: u32,
    /// From all addresses: from then on, an address has one try.
    pub in_all: u32,
    /// How long a try counts: from the first one of its address on.
    pub window: Seconds,
}

/// The counts of one isolate.
#[derive(Default)]
pub struct Tries(RefCell<HashMap<String, Guarded>>);

struct Guarded {
    all: Count,
    addresses: HashMap<String, Count>,
}

#[derive(Clone, Copy)]
struct Count {
    since: Timestamp,
    number: u32,
}

impl Count {
    const fn new(now: Timestamp) -> Self {
        Self { since: now, number: 0 }
    }

    /// One more, or the first one of a new window.
    fn add(&mut self, window: Seconds, now: Timestamp) {
        if self.until(window) <= now {
            *self = Self::new(now);
        }
        self.number = self.number.saturating_add(1);
    }

    fn until(self, window: Seconds) -> Timestamp {
        self.since + window
    }

    fn within(self, window: Seconds, now: Timestamp) -> u32 {
        if now < self.until(window) { self.number } else { 0 }
    }
}

impl Tries {
    /// How long `address` has to wait before it may try `guarded` again; `None`
    /// when it may now.
    #[must_use]
    pub fn wait(
        &self,
        (guarded, address): (&str, &str),
        limits: &Limits,
        now: Timestamp,
    ) -> Option<Seconds> {
        let counts = self.0.borrow();
        let guarded = counts.get(guarded)?;
        let own = guarded.addresses.get(address)?;
        let (tried, window) = (own.within(limits.window, now), limits.window);
        let crowded = guarded.all.within(window, now) >= limits.in_all;
        if tried >= limits.of_address || (crowded && tried > 0) {
            let left = own.until(window).as_unix() - now.as_unix();
            return Some(Seconds(u32::try_from(left).unwrap_or(window.0)));
        }
        None
    }

    /// Counts a wrong try.
    pub fn wrong(&self, (guarded, address): (&str, &str), limits: &Limits, now: Timestamp) {
        let mut counts = self.0.borrow_mut();
        make_room(&mut counts, guarded, |one| one.all.since);
        let guarded = counts
            .entry(guarded.to_owned())
            .or_insert_with(|| Guarded { all: Count::new(now), addresses: HashMap::new() });
        guarded.all.add(limits.window, now);
        make_room(&mut guarded.addresses, address, |one| one.since);
        let own = guarded.addresses.entry(address.to_owned()).or_insert_with(|| Count::new(now));
        own.add(limits.window, now);
    }

    /// Forgets the wrong tries of an address that got it right.
    pub fn right(&self, (guarded, address): (&str, &str)) {
        if let Some(guarded) = self.0.borrow_mut().get_mut(guarded) {
            guarded.addresses.remove(address);
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

/// Forgets what began first, when there is no room for one more.
fn make_room<T>(counts: &mut HashMap<String, T>, wanted: &str, since: impl Fn(&T) -> Timestamp) {
    if counts.len() < MAX_COUNTED || counts.contains_key(wanted) {
        return;
    }
    let oldest = counts.iter().min_by_key(|(_, one)| since(one)).map(|(name, _)| name.clone());
    if let Some(oldest) = oldest {
        counts.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const LIMITS: Limits = Limits { of_address: 3, in_all: 5, window: Seconds(60) };

    fn wrong(tries: &Tries, address: &str, times: u32) {
        for _ in 0..times {
            tries.wrong(("door", address), &LIMITS, NOW);
        }
    }

    fn wait(tries: &Tries, address: &str, now: Timestamp) -> Option<Seconds> {
        tries.wait(("door", address), &LIMITS, now)
    }

    #[test]
    fn an_address_waits_for_the_end_of_its_window() {
        let tries = Tries::default();
        wrong(&tries, "a", 2);
        assert_eq!(wait(&tries, "a", NOW), None);
        wrong(&tries, "a", 1);
        assert_eq!(wait(&tries, "a", NOW), Some(Seconds(60)));
        assert_eq!(wait(&tries, "a", NOW + Seconds(59)), Some(Seconds(1)));
        assert_eq!(wait(&tries, "a", NOW + Seconds(60)), None);
        assert_eq!(wait(&tries, "b", NOW), None, "another address");
        assert_eq!(tries.wait(("other", "a"), &LIMITS, NOW), None, "another door");
    }

    #[test]
    fn a_crowd_has_one_try_each_and_locks_nobody_else_out() {
        let tries = Tries::default();
        for number in 0..5 {
            wrong(&tries, &number.to_string(), 1);
        }
        assert_eq!(wait(&tries, "0", NOW), Some(Seconds(60)));
        assert_eq!(wait(&tries, "right", NOW), None);
    }

    #[test]
    fn who_gets_it_right_starts_anew() {
        let tries = Tries::default();
        wrong(&tries, "a", 2);
        tries.right(("door", "a"));
        wrong(&tries, "a", 2);
        assert_eq!(wait(&tries, "a", NOW), None);
    }

    #[test]
    fn a_flood_of_addresses_and_doors_does_not_grow_it() {
        let tries = Tries::default();
        for number in 0..MAX_COUNTED * 2 {
            wrong(&tries, &number.to_string(), 1);
            tries.wrong((&number.to_string(), "a"), &LIMITS, NOW);
        }
        let counts = tries.0.borrow();
        assert!(counts.len() <= MAX_COUNTED);
        assert!(counts.values().all(|one| one.addresses.len() <= MAX_COUNTED));
    }
}
