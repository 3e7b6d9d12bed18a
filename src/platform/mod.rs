//! The ports: everything the product asks of the machine under it, as traits.
//!
//! `edge` implements them over Cloudflare's platform; `tests/native` over
//! rusqlite and plain memory. No rule of the product lives here.
pub mod clock;
pub mod directory;
pub mod fault;
pub mod fetch;
pub mod keys;
pub mod mail;
pub mod memo;
pub mod migrate;
pub mod object;
pub mod queue;
pub mod random;
pub mod row;
pub mod sql;
pub mod tries;

use std::cell::Cell;
use std::rc::Rc;

/// The ports that exist wherever our code runs, Worker or object.
#[derive(Clone)]
pub struct Ports {
    /// D1: the directory of every realm.
    pub directory: Rc<dyn directory::Directory>,
    /// The other objects.
    pub objects: Rc<dyn object::Objects>,
    /// Messages for later: mail, event index rows.
    pub queue: Rc<dyn queue::Queue>,
    /// Private keys and signatures.
    pub keys: Rc<dyn keys::KeyStore>,
    /// The post.
    pub mailer: Rc<dyn mail::Mailer>,
    /// The outside world.
    pub outside: fetch::Outside,
    /// Unpredictable bytes.
    pub random: Rc<dyn random::Random>,
    /// The time.
    pub clock: Rc<dyn clock::Clock>,
    /// Copies of slow-changing things, kept for seconds.
    pub memo: Rc<memo::Memo>,
    /// Wrong tries at secrets, counted.
    pub tries: Rc<tries::Tries>,
    /// Where a test may kill us.
    pub faults: Rc<dyn fault::Faults>,
}

/// The ports of one Durable Object, besides [`Ports`].
pub struct ObjectPorts<'a> {
    /// The object's own database.
    pub sql: &'a dyn sql::Sql,
    /// The object's alarm clock.
    pub alarm: &'a dyn object::Alarm,
    /// Whether the migrations ran since the object woke.
    pub awake: &'a Cell<bool>,
    /// Rows of the outbox up to this number were told since the object woke, or
    /// somebody is telling them.
    pub told: &'a Cell<i64>,
    /// Everything else.
    pub ports: &'a Ports,
}
