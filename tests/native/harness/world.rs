//! A deployment in memory: the Worker, every object, the directory, the queue,
//! the post, a clock that stands still, and a fault that can be armed.
use super::keys::NativeKeys;
use super::sql::{MemoryDirectory, MemorySql};
use crate::openapi::Asked;
use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures::task::noop_waker;
use guildhall::app::config::Config;
use guildhall::app::{App, account_object, org_object, queue, worker};
use guildhall::crypto::keyring::Keyring;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::secret::Secret;
use guildhall::kernel::time::{Seconds, Timestamp};
use guildhall::platform::clock::Clock;
use guildhall::platform::directory::Directory;
use guildhall::platform::fault::Faults;
use guildhall::platform::fetch::{Fetch, FetchError, Fetched, Get, Outside, Post};
use guildhall::platform::mail::{Mail, MailError, Mailer};
use guildhall::platform::memo::Memo;
use guildhall::platform::object::{Alarm, Objects};
use guildhall::platform::queue::Queue;
use guildhall::platform::random::Random;
use guildhall::platform::row::{Row, StoreError};
use guildhall::platform::sql::Statement;
use guildhall::platform::{ObjectPorts, Ports};
use http::{Request, Response};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

/// When every world begins.
pub const START: i64 = 1_800_000_000;

/// Where every world lives.
pub const BASE: &str = "http://localhost:8787";

/// The secret of the client `admin-service` of every world.
pub const ADMIN_SERVICE_SECRET: &str = "native-test-admin-service-secret";

/// A deployment.
pub struct World(Rc<Inner>);

struct Inner {
    app: App,
    machine: Rc<Machine>,
    directory: Rc<MemoryDirectory>,
    objects: RefCell<HashMap<ObjectName, Rc<NativeObject>>>,
}

/// The ports that are plain state.
struct Machine {
    now: Cell<i64>,
    entropy: Cell<u64>,
    queued: RefCell<Vec<String>>,
    sent: RefCell<Vec<Mail>>,
    outside: RefCell<HashMap<String, Fetched>>,
    posted: RefCell<Vec<Post>>,
    armed: Cell<Option<&'static str>>,
    reached: Cell<bool>,
    /// How many more steps of input and output are made before the program is held.
    steps: Cell<Option<u32>>,
    object_calls: Cell<u32>,
}

struct NativeObject {
    sql: MemorySql,
    alarm: Cell<Option<Timestamp>>,
    awake: Cell<bool>,
    told: Cell<i64>,
}

/// The input and output that requests made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trips {
    pub directory: u32,
    pub objects: u32,
}

impl World {
    /// An empty deployment: not even realm `master` was asked for yet.
    pub fn new() -> Self {
        let machine = Rc::new(Machine {
            now: Cell::new(START),
            entropy: Cell::new(1),
            queued: RefCell::default(),
            sent: RefCell::default(),
            outside: RefCell::default(),
            posted: RefCell::default(),
            armed: Cell::new(None),
            reached: Cell::new(false),
            steps: Cell::new(None),
            object_calls: Cell::new(0),
        });
        let directory = Rc::new(MemoryDirectory::new());
        let master_key = Secret::new(BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| Inner {
            app: App {
                config: Rc::new(Config::read(setting).unwrap()),
                keyring: Rc::new(Keyring::new(&master_key).unwrap()),
                ports: Ports {
                    directory: Rc::new(Gated(directory.clone(), machine.clone())),
                    objects: Rc::new(NativeObjects(inner.clone())),
                    queue: machine.clone(),
                    keys: Rc::new(NativeKeys),
                    mailer: machine.clone(),
                    outside: Outside::new(machine.clone(), true),
                    random: machine.clone(),
                    clock: machine.clone(),
                    memo: Rc::new(Memo::default()),
                    tries: Rc::default(),
                    faults: machine.clone(),
                },
            },
            machine,
            directory,
            objects: RefCell::default(),
        }))
    }

    /// The product itself, for verbs that no route offers yet.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    pub fn directory(&self) -> &MemoryDirectory {
        &self.0.directory
    }

    pub fn now(&self) -> Timestamp {
        self.0.machine.now()
    }

    pub fn advance(&self, length: Seconds) {
        self.0.machine.now.set((self.now() + length).as_unix());
    }

    /// Sends `request` to the Worker, whose answer must be one that its `OpenAPI`
    /// document tells of.
    pub fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let asked = Asked::of(&request);
        let response = self.run(worker::handle(&self.0.app, request));
        if let Some(asked) = asked {
            asked.expect(&response);
        }
        response
    }

    /// Runs a future of the product, which must not stop at a fault.
    #[expect(clippy::unused_self, reason = "the future is of this world")]
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        poll_once(future).expect("the program stopped where no fault was armed")
    }

    /// Sends `request` and kills the program at `point`: whatever was not stored
    /// by then is gone. Panics when the request never comes there.
    pub fn crash_at(&self, point: &'static str, request: Request<Bytes>) {
        self.crash_in(point, worker::handle(&self.0.app, request));
    }

    /// Runs `work` and kills the program at `point`, likewise.
    pub fn crash_in<T>(&self, point: &'static str, work: impl Future<Output = T>) {
        self.0.machine.armed.set(Some(point));
        self.0.machine.reached.set(false);
        poll_once(work);
        assert!(self.0.machine.reached.get(), "{point} was not reached");
        self.restart();
    }

    /// Sends `request` and holds it at `point` until `meanwhile` has happened:
    /// two requests at once, in the order that hurts. Panics when the request
    /// never comes there.
    pub fn meanwhile(
        &self,
        point: &'static str,
        request: Request<Bytes>,
        meanwhile: impl FnOnce(),
    ) -> Response<Bytes> {
        let mut held = pin!(worker::handle(&self.0.app, request));
        self.0.machine.armed.set(Some(point));
        self.0.machine.reached.set(false);
        let first = poll_once(held.as_mut());
        assert!(first.is_none() && self.0.machine.reached.get(), "{point} was not reached");
        self.0.machine.armed.set(None);
        meanwhile();
        self.run(held)
    }

    /// Sends `first`, holds it at its step number `step` of input and output, lets
    /// `second` run to its end and `first` go on: two requests at once. `None`
    /// when `first` makes fewer steps.
    pub fn interleaved(
        &self,
        step: u32,
        first: Request<Bytes>,
        second: Request<Bytes>,
    ) -> Option<[Response<Bytes>; 2]> {
        let mut held = pin!(worker::handle(&self.0.app, first));
        self.0.machine.steps.set(Some(step));
        let early = poll_once(held.as_mut());
        self.0.machine.steps.set(None);
        if early.is_some() {
            return None;
        }
        let second = self.send(second);
        Some([self.run(held), second])
    }

    /// What a crash leaves: the stores. Isolates and objects forget the rest.
    pub fn restart(&self) {
        self.0.machine.armed.set(None);
        self.0.app.ports.memo.clear();
        self.0.app.ports.tries.clear();
        for object in self.0.objects.borrow().values() {
            object.awake.set(false);
        }
    }

    /// Lets the clock pass every alarm that is set now, and rings them.
    pub fn ring_alarms(&self) {
        let due: Vec<_> = self
            .0
            .objects
            .borrow()
            .iter()
            .filter_map(|(name, object)| Some((name.clone(), object.alarm.take()?)))
            .collect();
        for (name, at) in due {
            self.0.machine.now.set(self.now().max(at).as_unix());
            let object = self.0.object(&name);
            self.run(self.0.ring(&name, &object)).unwrap();
        }
    }

    /// Lets `length` go by, and rings the alarms that come up meanwhile.
    pub fn pass(&self, length: Seconds) {
        let until = self.now() + length;
        while let Some((name, at)) = self.next_alarm().filter(|(_, at)| *at <= until) {
            self.0.machine.now.set(self.now().max(at).as_unix());
            let object = self.0.object(&name);
            object.alarm.set(None);
            self.run(self.0.ring(&name, &object)).unwrap();
        }
        self.0.machine.now.set(until.as_unix());
    }

    /// Rings the alarm that comes up next, and kills the program at `point`. The
    /// platform rings again what did not finish.
    pub fn crash_ringing(&self, point: &'static str) {
        let (name, at) = self.next_alarm().expect("no alarm is set");
        self.0.machine.now.set(self.now().max(at).as_unix());
        let object = self.0.object(&name);
        self.crash_in(point, self.0.ring(&name, &object));
    }

    fn next_alarm(&self) -> Option<(ObjectName, Timestamp)> {
        let objects = self.0.objects.borrow();
        let set = objects.iter().filter_map(|(name, one)| Some((name.clone(), one.alarm.get()?)));
        set.min_by_key(|(_, at)| *at)
    }

    /// Delivers everything that is queued, and what that queues in turn.
    pub fn deliver_queue(&self) {
        loop {
            let messages = self.0.machine.queued.take();
            if messages.is_empty() {
                return;
            }
            let verdicts = self.run(queue::consume(&self.0.app, &messages));
            assert!(verdicts.iter().all(|verdict| *verdict == queue::Verdict::Ack));
        }
    }

    /// Delivers everything that is queued, whatever comes of it; answers the verdicts
    /// and queues again what is to be tried again.
    pub fn try_queue(&self) -> Vec<queue::Verdict> {
        let messages = self.0.machine.queued.take();
        let verdicts = self.run(queue::consume(&self.0.app, &messages));
        let again = messages.into_iter().zip(&verdicts);
        let again = again.filter(|(_, verdict)| **verdict != queue::Verdict::Ack);
        self.0.machine.queued.borrow_mut().extend(again.map(|(message, _)| message));
        verdicts
    }

    /// Delivers these messages, in this order.
    pub fn deliver(&self, messages: &[String]) {
        let verdicts = self.run(queue::consume(&self.0.app, messages));
        assert!(verdicts.iter().all(|verdict| *verdict == queue::Verdict::Ack));
    }

    /// Takes what is queued, undelivered.
    pub fn queued(&self) -> Vec<String> {
        self.0.machine.queued.take()
    }

    /// The mails that left, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.deliver_queue();
        self.0.machine.sent.borrow().clone()
    }

    /// Puts `body` at `url`, outside. Nothing else can be reached.
    pub fn serve(&self, url: &str, status: u16, body: impl Into<Bytes>) {
        let fetched = Fetched { status, body: body.into() };
        self.0.machine.outside.borrow_mut().insert(url.to_owned(), fetched);
    }

    /// Takes what was posted outside, whether it was answered or not.
    pub fn posted(&self) -> Vec<Post> {
        self.0.machine.posted.take()
    }

    /// Nothing answers at `url` any more.
    pub fn unplug(&self, url: &str) {
        self.0.machine.outside.borrow_mut().remove(url);
    }

    /// The database of an object.
    pub fn with_object<T>(&self, name: &ObjectName, look: impl FnOnce(&MemorySql) -> T) -> T {
        look(&self.0.object(name).sql)
    }

    /// The objects that were ever asked.
    pub fn objects(&self) -> Vec<ObjectName> {
        self.0.objects.borrow().keys().cloned().collect()
    }

    /// Everything that is stored anywhere.
    pub fn dump(&self) -> String {
        let mut objects = self.objects();
        objects.sort_by_key(|name| format!("{name:?}"));
        let of =
            |name: &ObjectName| format!("{name:?}\n{}", self.with_object(name, MemorySql::dump));
        let objects: String = objects.iter().map(of).collect();
        self.directory().sql().dump() + &objects
    }

    /// Whether the object stores anything.
    pub fn is_blank(&self, name: &ObjectName) -> bool {
        self.with_object(name, |sql| guildhall::platform::migrate::is_blank(sql).unwrap())
    }

    /// How many objects store anything.
    pub fn count_objects(&self) -> usize {
        self.objects().iter().filter(|name| !self.is_blank(name)).count()
    }

    /// The input and output that `work` makes.
    pub fn trips_of<T>(&self, work: impl FnOnce() -> T) -> (T, Trips) {
        let read = || Trips {
            directory: self.0.directory.trips.get(),
            objects: self.0.machine.object_calls.get(),
        };
        let before = read();
        let answer = work();
        let after = read();
        let trips = Trips {
            directory: after.directory - before.directory,
            objects: after.objects - before.objects,
        };
        (answer, trips)
    }
}

fn setting(name: &str) -> Option<String> {
    let value = match name {
        "ENVIRONMENT" => "development",
        "PUBLIC_URL" => BASE,
        "MASTER_KEY" => "unused: the keyring is made by hand",
        "ADMIN_SERVICE_SECRET" => ADMIN_SERVICE_SECRET,
        _ => return None,
    };
    Some(value.to_owned())
}

/// Everything in memory answers at once, so a future that has to wait has
/// stopped at a fault; dropping it is the crash.
fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(&noop_waker())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

impl Inner {
    fn object(&self, name: &ObjectName) -> Rc<NativeObject> {
        let make = || {
            Rc::new(NativeObject {
                sql: MemorySql::blank(),
                alarm: Cell::new(None),
                awake: Cell::new(false),
                told: Cell::new(0),
            })
        };
        self.objects.borrow_mut().entry(name.clone()).or_insert_with(make).clone()
    }

    fn ports_of<'a>(&'a self, object: &'a NativeObject) -> ObjectPorts<'a> {
        ObjectPorts {
            sql: &object.sql,
            alarm: object,
            awake: &object.awake,
            told: &object.told,
            ports: &self.app.ports,
        }
    }

    async fn ring(&self, name: &ObjectName, object: &NativeObject) -> Result<(), StoreError> {
        match name {
            ObjectName::Org(..) => org_object::alarm(&self.app, &self.ports_of(object)).await,
            ObjectName::Account(..) => {
                account_object::alarm(&self.app, &self.ports_of(object)).await
            }
        }
    }
}

/// The directory, before and after which a program can be held.
struct Gated(Rc<MemoryDirectory>, Rc<Machine>);

#[async_trait(?Send)]
impl Directory for Gated {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, StoreError> {
        self.1.step().await;
        let answers = self.0.batch(statements).await;
        self.1.step().await;
        answers
    }
}

impl Machine {
    /// A step of input or output; stops here when the program is to be held.
    async fn step(&self) {
        let is_held = self.steps.get() == Some(0);
        self.steps.set(self.steps.get().map(|steps| steps.saturating_sub(1)));
        poll_fn(|_| {
            let goes_on = !is_held || self.steps.get().is_none();
            if goes_on { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

struct NativeObjects(Weak<Inner>);

#[async_trait(?Send)]
impl Objects for NativeObjects {
    async fn fetch(
        &self,
        name: &ObjectName,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, StoreError> {
        let inner = self.0.upgrade().unwrap();
        inner.machine.object_calls.set(inner.machine.object_calls.get() + 1);
        inner.machine.step().await;
        let object = inner.object(name);
        let ports = inner.ports_of(&object);
        let answer = match name {
            ObjectName::Org(..) => org_object::fetch(&inner.app, &ports, request).await,
            ObjectName::Account(..) => account_object::fetch(&inner.app, &ports, request).await,
        };
        inner.machine.step().await;
        Ok(answer)
    }
}

#[async_trait(?Send)]
impl Alarm for NativeObject {
    async fn wake_at(&self, at: Timestamp) -> Result<(), StoreError> {
        self.alarm.set(Some(self.alarm.get().map_or(at, |set| set.min(at))));
        Ok(())
    }

    async fn delete_all(&self) -> Result<(), StoreError> {
        self.sql.erase();
        self.alarm.set(None);
        self.awake.set(false);
        Ok(())
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now.get())
    }
}

impl Random for Machine {
    /// Unpredictable enough for a test, and the same in every run.
    fn bytes32(&self) -> [u8; 32] {
        self.entropy.set(self.entropy.get() + 1);
        guildhall::crypto::digest::sha256(&self.entropy.get().to_be_bytes())
    }
}

#[async_trait(?Send)]
impl Queue for Machine {
    async fn send(&self, messages: Vec<String>) -> Result<(), StoreError> {
        self.step().await;
        self.queued.borrow_mut().extend(messages);
        Ok(())
    }
}

#[async_trait(?Send)]
impl Mailer for Machine {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.sent.borrow_mut().push(mail.clone());
        Ok(())
    }
}

#[async_trait(?Send)]
impl Fetch for Machine {
    async fn get(&self, get: &Get) -> Result<Fetched, FetchError> {
        self.step().await;
        let found = self.outside.borrow().get(&get.url).cloned();
        found.ok_or_else(|| FetchError::Failed(format!("nothing serves {}", get.url)))
    }

    async fn post(&self, post: &Post) -> Result<Fetched, FetchError> {
        self.step().await;
        self.posted.borrow_mut().push(post.clone());
        let found = self.outside.borrow().get(&post.url).cloned();
        found.ok_or_else(|| FetchError::Failed(format!("nothing serves {}", post.url)))
    }
}

#[async_trait(?Send)]
impl Faults for Machine {
    async fn reach(&self, point: &'static str) {
        poll_fn(|_| {
            if self.armed.get() == Some(point) {
                self.reached.set(true);
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}
