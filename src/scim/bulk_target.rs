//! What an operation of a bulk request is about, and doing it.
use super::change::Precondition;
use super::create_many::create_many;
use super::document::Document;
use super::door::Admitted;
use super::error::Refusal;
use super::group_document::GroupDocument;
use super::shape::{ResourceType, Shape};
use super::user::ScimUser;
use super::{change, group_change, group_create, group_patch, group_remove, patch, remove};
use super::{wire, wire_group};
use crate::kernel::id::{GroupId, ScimId};
use serde_json::{Map, Value};

/// The method of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// POST.
    Create,
    /// PUT.
    Replace,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Verb {
    /// The verb that HTTP calls `method`.
    #[must_use]
    pub fn of(method: &str) -> Option<Self> {
        match method {
            "POST" => Some(Self::Create),
            "PUT" => Some(Self::Replace),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// Where an operation points: a kind of resource, and the last segment of its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The kind.
    pub resource: ResourceType,
    /// The resource's id, or a reference to one; `None` for all.
    pub id: Option<String>,
}

impl Target {
    /// Where `path` leads.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let path = path.trim_start_matches('/').trim_end_matches('/');
        let (kind, id) = path.split_once('/').map_or((path, None), |(kind, id)| (kind, Some(id)));
        let resource = [ResourceType::User, ResourceType::Group]
            .into_iter()
            .find(|one| one.endpoint().trim_start_matches('/') == kind)?;
        let id = id.map(str::to_owned);
        (id.as_deref().is_none_or(|id| !id.contains('/'))).then_some(Self { resource, id })
    }
}

/// An operation whose references are filled.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What is to be done.
    pub verb: Verb,
    /// To which kind of resource.
    pub resource: ResourceType,
    /// To which one; `None` to make one.
    pub id: Option<String>,
    /// The versions that will do.
    pub precondition: Precondition,
    /// The body.
    pub data: Map<String, Value>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The resource.
    pub id: String,
    /// Its `ETag`; `None` of what is gone.
    pub version: Option<String>,
}

impl Done {
    /// What was done to `user`.
    #[must_use]
    pub fn with(user: &ScimUser) -> Self {
        Self { id: user.id.to_string(), version: Some(wire::etag(user)) }
    }
}

/// Does it, all of it or nothing.
///
/// # Errors
/// As the endpoint would refuse it.
pub async fn perform(admitted: &Admitted<'_>, ready: Ready) -> Result<Done, Refusal> {
    match ready.resource {
        ResourceType::User => user(admitted, ready).await,
        ResourceType::Group => group(admitted, ready),
    }
}

async fn user(admitted: &Admitted<'_>, ready: Ready) -> Result<Done, Refusal> {
    let Ready { verb, id, precondition, data, .. } = ready;
    let id = id.map(|id| id.parse::<ScimId>().map_err(|_| Refusal::Unknown)).transpose()?;
    let shape = || Shape::of_users(admitted.visit.sql());
    let done = match (verb, id) {
        (Verb::Create, None) => {
            let document = Document::of(data, &shape()?)?;
            let named = admitted.config.email_as_username;
            let mut made = create_many(admitted.visit, named, vec![document], 1).await?;
            made.pop().unwrap_or(Err(Refusal::Unknown))?
        }
        (Verb::Replace, Some(id)) => {
            let document = Document::of(data, &shape()?)?;
            change::replace(&admitted.scene(), &id, document, &precondition)?
        }
        (Verb::Patch, Some(id)) => {
            let operations = patch::read(Value::Object(data).to_string().as_bytes())?;
            change::patch(&admitted.scene(), &id, operations, &precondition)?
        }
        (Verb::Delete, Some(id)) => {
            remove::remove(&admitted.scene(), &id, &precondition)?;
            return Ok(Done { id: id.to_string(), version: None });
        }
        (Verb::Create, Some(_)) | (_, None) => return Err(Refusal::Unknown),
    };
    Ok(Done::with(&done))
}

fn group(admitted: &Admitted<'_>, ready: Ready) -> Result<Done, Refusal> {
    let Ready { verb, id, precondition, data, .. } = ready;
    let id = id.map(|id| id.parse::<GroupId>().map_err(|_| Refusal::Unknown)).transpose()?;
    let body = Value::Object(data).to_string();
    let scene = admitted.scene();
    let done = match (verb, id) {
        (Verb::Create, None) => {
            group_create::create(&scene, GroupDocument::read(body.as_bytes())?)?
        }
        (Verb::Replace, Some(id)) => {
            let document = GroupDocument::read(body.as_bytes())?;
            group_change::replace(&scene, &id, document, &precondition)?
        }
        (Verb::Patch, Some(id)) => {
            let steps = group_patch::read(body.as_bytes())?;
            group_change::patch(&scene, &id, &steps, &precondition)?
        }
        (Verb::Delete, Some(id)) => {
            group_remove::remove(&scene, &id, &precondition)?;
            return Ok(Done { id: id.to_string(), version: None });
        }
        (Verb::Create, Some(_)) | (_, None) => return Err(Refusal::Unknown),
    };
    Ok(Done { id: done.id.to_string(), version: Some(wire_group::etag(&done)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_kind_and_at_most_one_resource() {
        let of = |path| Target::of(path).map(|target| (target.resource, target.id));
        let user = |id: Option<&str>| Some((ResourceType::User, id.map(str::to_owned)));
        assert_eq!(of("/Users"), user(None));
        assert_eq!(of("/Users/"), user(None));
        assert_eq!(of("Users/7"), user(Some("7")));
        assert_eq!(of("/Groups/bulkId:g").unwrap().0, ResourceType::Group);
        for path in ["", "/", "/users", "/Users/7/x", "/Bulk", "https://x.example/Users"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
