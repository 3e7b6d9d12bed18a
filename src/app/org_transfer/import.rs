//! Importing: the saga. Its steps and what a crash between them leaves, say
//! [`super`] and docs/architecture.md.
use super::commit::statements;
use super::error::TransferError;
use super::limits::AT_ONCE;
use super::plan::{NewOrganization, Plan};
use super::stage::{StageOrg, Staged};
use crate::kernel::id::{ImportId, OrgId};
use crate::kernel::route::ObjectName;
use crate::org::create::SettleOrg;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::inquiry::Inquiry;
use crate::realm::store::organization_import::{Asking, End, give_up};
use futures::future::join_all;

/// An import on its way.
struct Saga<'a> {
    inquiry: &'a Inquiry<'a>,
    id: ImportId,
    plan: &'a Plan,
}

/// Makes what is planned, all of it or nothing.
///
/// # Errors
/// `Overtaken` when somebody else was faster; nothing is made then. `Store` when a
/// store failed: then it is made or not, and what is seen says which.
pub async fn import(inquiry: &Inquiry<'_>, plan: &Plan) -> Result<(), TransferError> {
    let id = ImportId::from(inquiry.context.ports.random.uuid());
    let saga = Saga { inquiry, id, plan };
    if let Err(why) = saga.stage().await {
        saga.reach("org.import.before_undo").await;
        saga.tell(false).await;
        return Err(why);
    }
    saga.reach("org.import.after_stage").await;
    match saga.commit().await {
        Verdict::Committed => {
            saga.reach("org.import.after_directory").await;
            saga.tell(true).await;
            Ok(())
        }
        Verdict::Refused(why) => {
            saga.reach("org.import.before_undo").await;
            saga.tell(false).await;
            Err(why)
        }
        // The objects' alarms ask until somebody knows.
        Verdict::Unknown(why) => Err(why.into()),
    }
}

/// What became of the batch that decides.
enum Verdict {
    Committed,
    Refused(TransferError),
    Unknown(StoreError),
}

impl Saga<'_> {
    async fn reach(&self, point: &'static str) {
        self.inquiry.context.ports.faults.reach(point).await;
    }

    fn object(&self, org: &OrgId) -> ObjectName {
        ObjectName::Org(self.inquiry.realm_id().clone(), org.clone())
    }

    /// Every organization in its object, unseen.
    async fn stage(&self) -> Result<(), TransferError> {
        for some in self.plan.organizations.chunks(AT_ONCE) {
            let staged = join_all(some.iter().map(|new| self.stage_one(new))).await;
            for staged in staged {
                match staged? {
                    Staged::Held => {}
                    Staged::Occupied => {
                        return Err(TransferError::Overtaken("an id of the document is taken"));
                    }
                    Staged::Overtaken => return Err(TransferError::Overtaken(LATER)),
                }
            }
        }
        Ok(())
    }

    async fn stage_one(&self, new: &NewOrganization) -> Result<Staged, StoreError> {
        let question = StageOrg {
            realm: self.inquiry.realm_id().clone(),
            import: self.id.clone(),
            content: new.content.clone(),
            admin: new.admin.as_ref().map(|admin| admin.id.clone()),
            actor: self.inquiry.audit_actor(),
            now: self.inquiry.context.now,
        };
        let object = self.object(&new.content.org.registration.id);
        ask(&*self.inquiry.context.ports.objects, &object, &question).await
    }

    /// The batch that decides. Where it failed, and perhaps only its answer was
    /// lost, the directory is made to say so for good.
    async fn commit(&self) -> Verdict {
        let statements = match statements(self.inquiry, &self.id, self.plan) {
            Ok(statements) => statements,
            Err(why) => return Verdict::Refused(why.into()),
        };
        let committed = self.inquiry.directory().batch(statements).await;
        self.inquiry.context.ports.memo.clear();
        let Err(error) = committed else { return Verdict::Committed };
        let now = self.inquiry.context.now;
        match give_up(self.inquiry.directory(), &self.id, Asking::Itself, now).await {
            Ok(End::Committed) => Verdict::Committed,
            Ok(End::GivenUp | End::Overtaken) => Verdict::Refused(refusal(error)),
            Err(why) => Verdict::Unknown(why),
        }
    }

    /// Tells every object what was decided. One that does not hear it asks the
    /// directory by its alarm.
    async fn tell(&self, registered: bool) {
        let settlement = SettleOrg { registered, import: Some(self.id.clone()) };
        let objects = &*self.inquiry.context.ports.objects;
        for some in self.plan.organizations.chunks(AT_ONCE) {
            let names = some.iter().map(|new| self.object(&new.content.org.registration.id));
            let told = names.map(|name| {
                let settlement = &settlement;
                async move { ask(objects, &name, settlement).await }
            });
            for told in join_all(told).await {
                if let Err(error) = told {
                    tracing::warn!("An imported organization settles later: {error}");
                }
            }
        }
    }
}

/// Why an import lost its place.
const LATER: &str = "a later import wants the same organizations, or this one took too long";

fn refusal(error: StoreError) -> TransferError {
    if error.is_conflict_on("organization_import.id") {
        return TransferError::Overtaken(LATER);
    }
    match error {
        StoreError::Conflict { .. } => {
            TransferError::Overtaken("something of the document was made at the same time")
        }
        other => other.into(),
    }
}
