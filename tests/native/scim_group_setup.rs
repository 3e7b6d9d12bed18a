//! What the tests of SCIM groups share: Granite Outpost's directory, which pushes
//! groups, and what the groups API of the same organization says of them.
use crate::harness::browser::Answer;
use crate::org_setup::Granite;
use crate::scim_setup::{Directory, SECRET, config_path, person};
use http::Method;
use serde_json::{Value, json};

/// Granite Outpost, connected to a directory.
pub fn connected() -> Granite {
    let granite = Granite::new();
    let body = json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": SECRET } });
    let configured = granite.world.post(&config_path(&granite.org), &granite.admin, &body);
    assert_eq!(configured.status, 201, "{configured:?}");
    granite
}

impl Granite {
    pub fn directory(&self) -> Directory<'_> {
        Directory::at(&self.world, self.org.clone())
    }

    /// The ids of who is in a group, as the groups API tells it; sorted.
    pub fn in_group(&self, group: &str) -> Vec<String> {
        let people = self.read(&format!("/groups/{group}/members?max=1000"));
        let mut ids: Vec<String> =
            people.as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
        ids.sort_unstable();
        ids
    }

    /// The name of the group above.
    pub fn path_of(&self, group: &str) -> String {
        text(&self.read(&format!("/groups/{group}"))["path"])
    }
}

impl Directory<'_> {
    /// Pushes somebody new; the id of their resource.
    pub fn hire(&self, name: &str) -> String {
        let at = self.pushed(&person(name, &format!("{name}@granite.example")));
        at.rsplit('/').next().unwrap().to_owned()
    }

    pub fn push_group(&self, body: &Value) -> Answer {
        self.send(Method::POST, "/Groups", Some(body))
    }

    /// Pushes a group, which must succeed; its id.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let answer = self.push_group(&group(name, members));
        assert_eq!(answer.status, 201, "{answer:?}");
        text(&answer.json()["id"])
    }

    pub fn read_group(&self, id: &str) -> Value {
        let answer = self.get(&format!("/Groups/{id}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The ids of the members of a group, in the order of the answer.
    pub fn members(&self, id: &str) -> Vec<String> {
        values(&self.read_group(id))
    }

    pub fn patch_group(&self, id: &str, operations: &Value) -> Answer {
        self.patch(&format!("/Groups/{id}"), &patch(operations))
    }

    /// The same, which must succeed; the members as answered.
    pub fn patched(&self, id: &str, operations: &Value) -> Vec<String> {
        let answer = self.patch_group(id, operations);
        assert_eq!(answer.status, 200, "{operations}: {answer:?}");
        values(&answer.json())
    }

    pub fn list_groups(&self, query: &[(&str, &str)]) -> Answer {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query);
        self.get(&format!("/Groups?{}", text.finish()))
    }

    /// The names of the groups that a filter lets through.
    pub fn found(&self, filter: &str) -> Vec<String> {
        let answer = self.list_groups(&[("filter", filter)]);
        assert_eq!(answer.status, 200, "{filter}: {answer:?}");
        let body = answer.json();
        let found: Vec<String> = body["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| text(&group["displayName"]))
            .collect();
        assert_eq!(body["totalResults"], found.len(), "{filter}");
        found
    }
}

pub fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    })
}

pub fn patch(operations: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

pub fn values(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().unwrap_or_else(|| panic!("{group}"));
    members.iter().map(|member| text(&member["value"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// `ids`, in the order of an answer.
pub fn sorted(ids: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    ids.sort_unstable();
    ids
}
