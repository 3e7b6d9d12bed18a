//! `/Bulk` (RFC 7644 §3.7): many operations in one request, each all or nothing.
//!
//! Operations run in their order, but for what others refer to
//! ([`super::bulk_reference`]). Users that are made one after the other are made together
//! ([`super::create_many`]): a thousand of them cost tens of trips to the directory, where
//! the platform lets a request make a thousand. A crash leaves operations that are done,
//! operations that are not, and intents, which a repeated request takes up and the alarm
//! too.
use super::bulk_reference::{Known, Node, Turn, fill, needs, of_path, order, without};
use super::bulk_target::{Done, Ready, Target, Verb, perform};
use super::create_many::{CREATED_AT_ONCE, create_many};
use super::document::Document;
use super::door::Admitted;
use super::error::Refusal;
use super::reply::told;
use super::shape::{ResourceType, Shape};
use super::wire;
use super::wire_bulk::{BulkRequest, BulkResponse, OperationJson, OutcomeJson};
use crate::platform::row::StoreError;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Most operations of one request (`maxOperations`).
pub const MAX_OPERATIONS: usize = 1_000;

/// Largest request, in bytes (`maxPayloadSize`): what the front door lets in at all, and
/// refuses above with 413 (`MAX_BODY_BYTES`).
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// How often one request may leave the object to make users. Each time costs two queries
/// and a few calls; the platform allows 1,000 of both. Users in a row leave it together,
/// a hundred at a time, so that only requests which mix much come near.
pub const MAX_TRIPS: usize = 200;

/// An operation that can be tried.
#[derive(Clone, Debug)]
struct Plan {
    verb: Verb,
    target: Target,
}

/// A resource that was made without what it refers to.
struct Open {
    index: usize,
    done: Done,
    later: BTreeSet<String>,
}

/// A request on its way.
struct Run<'a> {
    admitted: &'a Admitted<'a>,
    operations: Vec<OperationJson>,
    plans: Vec<Option<Plan>>,
    outcomes: Vec<Option<OutcomeJson>>,
    known: Known,
    open: Vec<Open>,
    refused: usize,
    limit: usize,
    trips: usize,
}

/// Does what the request asks; the answer tells of each operation in its order, up to
/// the last refusal that `failOnErrors` puts up with.
///
/// # Errors
/// `Store` when the object's own database fails.
pub async fn run(
    admitted: &Admitted<'_>,
    request: BulkRequest,
) -> Result<BulkResponse, StoreError> {
    let turns = order(&request.operations.iter().map(node).collect::<Vec<_>>());
    let count = request.operations.len();
    let mut run = Run {
        admitted,
        operations: request.operations,
        plans: vec![None; count],
        outcomes: std::iter::repeat_with(|| None).take(count).collect(),
        known: Known::new(),
        open: Vec::new(),
        refused: 0,
        limit: request.fail_on_errors.unwrap_or(usize::MAX),
        trips: 0,
    };
    run.plan();
    let mut turns = turns.as_slice();
    while let Some(turn) = turns.first() {
        if run.refused >= run.limit {
            break;
        }
        let wave = run.wave(turns)?;
        let length = wave.len().max(1);
        if wave.is_empty() {
            run.one(turn).await;
        } else {
            run.create_wave(wave).await;
        }
        turns = turns.split_at(length).1;
        run.complete().await;
        admitted.visit.object.ports.faults.reach("scim.bulk.after_operation").await;
    }
    run.give_up_open().await;
    Ok(BulkResponse::new(run.outcomes.into_iter().flatten().collect()))
}

fn node(operation: &OperationJson) -> Node {
    let makes = operation.bulk_id.clone().filter(|_| operation.method == "POST");
    let mut found = BTreeSet::new();
    operation.data.values().for_each(|value| found.append(&mut needs(value)));
    let id = Target::of(&operation.path).and_then(|target| target.id);
    found.extend(id.as_deref().and_then(of_path).map(str::to_owned));
    Node { makes, needs: found }
}

type Rule = fn(&OperationJson, &Target, Verb) -> Result<(), Refusal>;

const RULES: &[Rule] = &[names_what_it_makes, names_what_it_changes];

/// RFC 7644 §3.7: `bulkId` is required of a POST.
fn names_what_it_makes(
    operation: &OperationJson,
    target: &Target,
    verb: Verb,
) -> Result<(), Refusal> {
    if verb == Verb::Create && operation.bulk_id.is_none() {
        return Err(Refusal::Syntax("a POST has a bulkId".to_owned()));
    }
    if verb == Verb::Create && target.id.is_some() {
        return Err(Refusal::Path("a POST names no resource".to_owned()));
    }
    Ok(())
}

fn names_what_it_changes(_: &OperationJson, target: &Target, verb: Verb) -> Result<(), Refusal> {
    if verb != Verb::Create && target.id.as_deref().is_none_or(str::is_empty) {
        return Err(Refusal::Path("the path names no resource".to_owned()));
    }
    Ok(())
}

fn plan_of(operation: &OperationJson) -> Result<Plan, Refusal> {
    let unknown = || Refusal::Syntax("method is not POST, PUT, PATCH or DELETE".to_owned());
    let verb = Verb::of(&operation.method).ok_or_else(unknown)?;
    let nowhere = || Refusal::Path("it leads to no kind of resource".to_owned());
    let target = Target::of(&operation.path).ok_or_else(nowhere)?;
    RULES.iter().try_for_each(|rule| rule(operation, &target, verb))?;
    Ok(Plan { verb, target })
}

impl Run<'_> {
    /// Looks at each operation for itself; what cannot be tried is refused in its turn.
    fn plan(&mut self) {
        for (plan, operation) in self.plans.iter_mut().zip(&self.operations) {
            *plan = plan_of(operation).ok();
        }
    }

    /// What is to be done by `turn`, as far as it can be told by now.
    fn ready(&self, turn: &Turn) -> Result<Ready, Refusal> {
        let Some(operation) = self.operations.get(turn.index) else { return Err(Refusal::Unknown) };
        let Plan { verb, target } = plan_of(operation)?;
        if verb == Verb::Create && self.is_repeated(turn.index, operation) {
            return Err(Refusal::Value("bulkId is that of an earlier operation".to_owned()));
        }
        let data = without(&operation.data, &turn.later);
        let id = match target.id.as_deref().map(|id| (id, of_path(id))) {
            Some((_, Some(name))) => {
                Some(self.known.get(name).cloned().ok_or_else(|| unresolved(name))?)
            }
            Some((id, None)) => Some(id.to_owned()),
            None => None,
        };
        let precondition = operation.version.as_deref().and_then(wire::versions);
        let resource = target.resource;
        Ok(Ready { verb, resource, id, precondition, data: self.fill(data)? })
    }

    fn fill(&self, data: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
        match fill(Value::Object(data), &self.known) {
            Ok(Value::Object(filled)) => Ok(filled),
            Ok(_) => Ok(Map::new()),
            Err(name) => Err(unresolved(&name)),
        }
    }

    fn is_repeated(&self, index: usize, operation: &OperationJson) -> bool {
        self.operations
            .iter()
            .take(index)
            .any(|earlier| earlier.method == "POST" && earlier.bulk_id == operation.bulk_id)
    }

    /// The users that the next turns make, until one of them does something else, or
    /// waits for one before it. None, when the next turn does so itself.
    fn wave(&self, turns: &[Turn]) -> Result<Vec<(usize, Document)>, StoreError> {
        let shape = Shape::of_users(self.admitted.visit.sql())?;
        let mut wave = Vec::new();
        for turn in turns.iter().take(CREATED_AT_ONCE).filter(|_| self.trips < MAX_TRIPS) {
            let planned = self.plans.get(turn.index).and_then(Option::as_ref);
            let makes_user = planned.is_some_and(|plan| {
                plan.verb == Verb::Create && plan.target.resource == ResourceType::User
            });
            if !makes_user || !turn.later.is_empty() {
                break;
            }
            let document = self.ready(turn).and_then(|ready| Document::of(ready.data, &shape));
            let Ok(document) = document else { break };
            wave.push((turn.index, document));
        }
        Ok(wave)
    }

    async fn create_wave(&mut self, wave: Vec<(usize, Document)>) {
        self.trips += 1;
        let (indexes, documents): (Vec<usize>, Vec<Document>) = wave.into_iter().unzip();
        let (visit, config) = (self.admitted.visit, &self.admitted.config);
        let tolerance = self.limit - self.refused;
        let made = create_many(visit, config.email_as_username, documents, tolerance).await;
        match made {
            Ok(outcomes) => {
                for (index, outcome) in indexes.into_iter().zip(outcomes) {
                    self.note(index, outcome.map(|user| Done::with(&user)));
                }
            }
            Err(error) => {
                let text = error.to_string();
                for index in indexes {
                    self.note(index, Err(StoreError::Refused(text.clone()).into()));
                }
            }
        }
    }

    async fn one(&mut self, turn: &Turn) {
        let outcome = match self.ready(turn) {
            Ok(ready) if self.is_too_far(&ready) => Err(Refusal::TooFar),
            Ok(ready) => {
                self.trips += usize::from(ready.verb == Verb::Create);
                perform(self.admitted, ready).await
            }
            Err(refusal) => Err(refusal),
        };
        if let Ok(done) = &outcome
            && !turn.later.is_empty()
        {
            let (index, done, later) = (turn.index, done.clone(), turn.later.clone());
            self.open.push(Open { index, done, later });
        }
        self.note(turn.index, outcome);
    }

    const fn is_too_far(&self, ready: &Ready) -> bool {
        matches!((ready.verb, ready.resource), (Verb::Create, ResourceType::User))
            && self.trips >= MAX_TRIPS
    }

    fn note(&mut self, index: usize, outcome: Result<Done, Refusal>) {
        let Some(operation) = self.operations.get(index) else { return };
        if let (Ok(done), Some(id), "POST") =
            (&outcome, &operation.bulk_id, operation.method.as_str())
        {
            self.known.insert(id.clone(), done.id.clone());
        }
        self.refused += usize::from(outcome.is_err());
        let outcome = self.show(operation, outcome);
        if let Some(place) = self.outcomes.get_mut(index) {
            *place = Some(outcome);
        }
    }

    fn show(&self, operation: &OperationJson, outcome: Result<Done, Refusal>) -> OutcomeJson {
        let (method, bulk_id) = (operation.method.clone(), operation.bulk_id.clone());
        let endpoint = Target::of(&operation.path).map_or("", |target| target.resource.endpoint());
        match outcome {
            Ok(done) => OutcomeJson {
                location: Some(format!("{}{endpoint}/{}", self.admitted.base(), done.id)),
                status: match operation.method.as_str() {
                    "POST" => "201",
                    "DELETE" => "204",
                    _ => "200",
                }
                .to_owned(),
                version: done.version,
                method,
                bulk_id,
                response: None,
            },
            Err(refusal) => {
                let (status, response) = told(&refusal);
                let (status, response) = (status.as_str().to_owned(), Some(response));
                OutcomeJson { location: None, method, bulk_id, version: None, status, response }
            }
        }
    }

    /// Completes resources that were made without what they refer to, once that is there,
    /// and undoes them once it will not be.
    async fn complete(&mut self) {
        for open in std::mem::take(&mut self.open) {
            let waits = open.later.iter().any(|id| !self.known.contains_key(id));
            let is_lost = open.later.iter().any(|id| self.is_refused(id));
            if is_lost {
                self.undo(open).await;
            } else if waits {
                self.open.push(open);
            } else {
                self.fill_in(open).await;
            }
        }
    }

    fn is_refused(&self, id: &str) -> bool {
        let made = |operation: &OperationJson| {
            operation.method == "POST" && operation.bulk_id.as_deref() == Some(id)
        };
        let index = self.operations.iter().position(made);
        let outcome = index.and_then(|index| self.outcomes.get(index)?.as_ref());
        outcome.is_some_and(|outcome| outcome.response.is_some())
    }

    async fn fill_in(&mut self, open: Open) {
        let turn = Turn { index: open.index, later: BTreeSet::new() };
        let whole = self.ready(&turn).map(|ready| Ready {
            verb: Verb::Replace,
            id: Some(open.done.id.clone()),
            precondition: None,
            ..ready
        });
        let outcome = match whole {
            Ok(ready) => perform(self.admitted, ready).await,
            Err(refusal) => Err(refusal),
        };
        match outcome {
            Ok(done) => self.note(open.index, Ok(done)),
            Err(refusal) => {
                self.remove(&open).await;
                self.forget(&open, refusal);
            }
        }
    }

    async fn give_up_open(&mut self) {
        for open in std::mem::take(&mut self.open) {
            self.undo(open).await;
        }
    }

    async fn undo(&mut self, open: Open) {
        self.remove(&open).await;
        let name = open.later.first().cloned().unwrap_or_default();
        self.forget(&open, unresolved(&name));
    }

    async fn remove(&self, open: &Open) {
        let turn = Turn { index: open.index, later: open.later.clone() };
        let Ok(ready) = self.ready(&turn) else { return };
        let id = Some(open.done.id.clone());
        let gone = Ready { verb: Verb::Delete, id, precondition: None, data: Map::new(), ..ready };
        if let Err(error) = perform(self.admitted, gone).await {
            tracing::error!(scim.id = %open.done.id, "A bulk operation was not undone: {error}");
        }
    }

    fn forget(&mut self, open: &Open, refusal: Refusal) {
        let id = self.operations.get(open.index).and_then(|operation| operation.bulk_id.as_ref());
        if let Some(id) = id {
            self.known.remove(id);
        }
        self.note(open.index, Err(refusal));
    }
}

fn unresolved(name: &str) -> Refusal {
    Refusal::Unresolved(name.to_owned())
}
