//! Which identity providers come with a document, and which of those that are
//! there its organizations use.
use super::draft::{OrgDraft, ProviderDraft, SecretDraft, UseDraft};
use super::error::TransferError;
use super::plan::{Planner, Use};
use super::problem::Kind;
use crate::federation::change::adopt;
use crate::federation::desk::Desk;
use crate::federation::error::ProviderError;
use crate::federation::mapper::Mapper;
use crate::federation::provider::{self, Provider};
use crate::kernel::id::{MapperId, ProviderUuid};
use crate::platform::row::StoreError;
use crate::realm::role::AdminRole;
use std::collections::HashSet;

/// A provider that is made, with its mappers.
#[derive(Debug)]
pub struct NewProvider {
    /// The provider.
    pub provider: Provider,
    /// Its mappers.
    pub mappers: Vec<Mapper>,
}

impl Planner<'_> {
    /// The providers of the document that are not there.
    ///
    /// # Errors
    /// `Store` when a secret cannot be kept.
    pub fn providers(&mut self) -> Result<Vec<NewProvider>, TransferError> {
        let mut made = Vec::new();
        let mut aliases = HashSet::new();
        for draft in &self.draft.providers {
            let alias = draft.alias.as_str();
            if !aliases.insert(alias) {
                self.problems.add(Kind::Bad, format!("identity provider {alias} is there twice"));
            } else if self.knowledge.providers.contains_key(alias) {
                self.report.identity_providers_used.push(alias.to_owned());
            } else {
                made.push(self.new_provider(draft)?);
            }
        }
        let may = self.inquiry.actor.holds_any(&[AdminRole::ManageIdentityProviders]);
        if !may && !made.is_empty() {
            let why = "the document makes identity providers: that takes manage-identity-providers";
            self.problems.add(Kind::Forbidden, why);
        }
        Ok(made)
    }

    fn new_provider(&mut self, draft: &ProviderDraft) -> Result<NewProvider, TransferError> {
        let (context, alias) = (self.context(), draft.alias.as_str());
        let known = &self.knowledge.provider_ids;
        let free = draft.id.clone().filter(|id| !known.contains(id) && self.ids.insert(id.clone()));
        let mut provider = Provider {
            id: free.unwrap_or_else(|| ProviderUuid::from(context.ports.random.uuid())),
            alias: draft.alias.clone(),
            kind: draft.kind.clone(),
            settings: draft.settings.clone(),
            secret: None,
            links: Vec::new(),
            created_at: draft.created_at.unwrap_or(context.now),
        };
        match &draft.secret {
            SecretDraft::None => {}
            SecretDraft::Missing => {
                provider.settings.awaits_secret = true;
                self.report.missing.push(format!("identity provider {alias}: clientSecret"));
            }
            SecretDraft::Given(secret) => {
                let sealed = Desk::of_inquiry(self.inquiry).encrypt(&provider, secret);
                provider.secret = Some(sealed.map_err(sealing_failed)?);
            }
        }
        if draft.adopt {
            adopt(&mut provider, &context.realm.settings);
        }
        if let Err(why) = provider::check(&provider) {
            self.problems.add(Kind::Bad, format!("identity provider {alias}: {why}"));
        }
        self.report.identity_providers_created.push(alias.to_owned());
        let mappers = self.mappers(draft);
        Ok(NewProvider { provider, mappers })
    }

    fn mappers(&mut self, draft: &ProviderDraft) -> Vec<Mapper> {
        let mut names = HashSet::new();
        let mut mappers = Vec::new();
        for (id, mapper) in &draft.mappers {
            if !names.insert(mapper.name.as_str()) {
                let (alias, name) = (draft.alias.as_str(), &mapper.name);
                let why = format!("identity provider {alias}: mapper {name} is there twice");
                self.problems.add(Kind::Bad, why);
            }
            let known = &self.knowledge.mapper_ids;
            let free =
                id.clone().filter(|id| !known.contains(id) && self.mapper_ids.insert(id.clone()));
            let id =
                free.unwrap_or_else(|| MapperId::from(self.inquiry.context.ports.random.uuid()));
            mappers.push(Mapper { id, ..mapper.clone() });
        }
        mappers
    }

    /// The providers that `org` uses.
    pub fn uses(&mut self, org: &OrgDraft) -> Vec<Use> {
        let name = &org.registration.name;
        let mut uses: Vec<Use> = Vec::new();
        for draft in &org.uses {
            if let Some(used) = self.one_use(name, draft) {
                if uses.iter().any(|one| one.alias == used.alias) {
                    self.problems.bad(name, format_args!("it uses {} twice", used.alias));
                }
                uses.push(used);
            }
        }
        if uses.len() > 1 && !self.context().realm.settings.multiple_idps {
            let why = "it uses several identity providers, and the realm allows one (multipleIdpsEnabled)";
            self.problems.bad(name, why);
        }
        uses
    }

    fn one_use(&mut self, org: &str, draft: &UseDraft) -> Option<Use> {
        let known = self.knowledge.providers.get(&draft.alias);
        let brought = self.draft.providers.iter().any(|one| one.alias.as_str() == draft.alias);
        let alias = draft.alias.parse().ok().filter(|_| known.is_some() || brought);
        let Some(alias) = alias else {
            let why = format!("identity provider {} does not exist", draft.alias);
            if self.options.skip_missing_idp {
                self.skip(org, why);
            } else {
                self.problems.bad(org, why);
            }
            return None;
        };
        let is_used = known.is_some_and(|provider| !provider.links.is_empty());
        let is_shared = is_used || !self.used.insert(draft.alias.clone());
        if is_shared && !self.context().realm.settings.shared_idps {
            let why = format_args!(
                "another organization uses identity provider {}, and the realm does not share them (sharedIdpsEnabled)",
                draft.alias
            );
            self.problems.bad(org, why);
        }
        let hidden = known.filter(|provider| draft.hide && !provider.settings.hide_on_login);
        Some(Use {
            alias,
            domains: draft.domains.iter().map(|domain| domain.trim().to_lowercase()).collect(),
            hide: hidden.map(|provider| provider.id.clone()),
        })
    }
}

fn sealing_failed(error: ProviderError) -> TransferError {
    match error {
        ProviderError::Store(error) => error.into(),
        other => StoreError::Refused(other.to_string()).into(),
    }
}
