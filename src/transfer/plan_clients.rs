//! Clients of a document.
use super::outcome::{Action, ResourceType};
use super::plan::{BroughtClient, Plan, about, twice};
use super::policy::Verdict;
use crate::realm::client::Client;
use crate::realm::client_draft::{self, ClientDraft, change_of, path_of};
use crate::realm::error::AdminError;
use crate::realm::hand_out::is_administrative;
use crate::realm::user::User;
use crate::realm::wire_keycloak_client::ClientChangeJson;

const LIST: &str = "clients";

impl Plan<'_> {
    /// Plans the clients. Those that administer realms stay as they are.
    pub(super) async fn add_clients(
        &mut self,
        clients: Vec<ClientChangeJson>,
    ) -> Result<(), AdminError> {
        for asked in clients {
            let name = asked.client_id.clone().unwrap_or_default();
            if self.clients.contains_key(&name) {
                return Err(twice(LIST, &name));
            }
            // Made with the realm, whatever it brings along.
            if !self.survey.is_furnished(&name) {
                self.add_client(&name, asked).await?;
            }
        }
        Ok(())
    }

    async fn add_client(
        &mut self,
        name: &str,
        mut asked: ClientChangeJson,
    ) -> Result<(), AdminError> {
        let there = self.survey.clients.get(name).cloned();
        let is_ours = is_administrative(&self.inquiry.context.realm, name);
        let told = || format!("Client id '{name}' already exists");
        let verdict = self.policy.decide(there, told)?.sparing(is_ours);
        if !self.survey.is_new {
            forget_keys(&mut asked);
        }
        let (action, operation) = verdict.told();
        let draft = match verdict {
            Verdict::Skip(there) => {
                self.bring_client(&there.client, None, action);
                return Ok(());
            }
            Verdict::Add => client_draft::creation(self.inquiry, asked),
            Verdict::Overwrite(there) => {
                client_draft::replacement(self.inquiry, &there, asked).await
            }
        };
        let ClientDraft { client, account, statements } =
            draft.map_err(|error| about(LIST, name, error))?;
        self.makings.extend(statements);
        self.bring_client(&client, account, action);
        self.note_change(change_of(operation, path_of(&client), &client));
        Ok(())
    }

    fn bring_client(&mut self, client: &Client, account: Option<User>, action: Action) {
        let (name, uuid) = (&client.client_id, client.uuid.clone());
        self.note((action, ResourceType::Client), (name, uuid.as_str()), None);
        self.clients.insert(name.clone(), BroughtClient { uuid, account, action });
    }
}

/// Keys are given anew, as in Keycloak: a document may come from a realm that is
/// still there.
fn forget_keys(asked: &mut ClientChangeJson) {
    asked.id = None;
    asked.protocol_mappers.iter_mut().flatten().for_each(|mapper| mapper.id = None);
}
