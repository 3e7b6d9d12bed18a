//! Identity providers of a document, and their mappers.
use super::outcome::{Action, ResourceType};
use super::plan::{BroughtProvider, Plan, about, twice};
use super::policy::Verdict;
use crate::federation::change::{self, ProviderDraft};
use crate::federation::desk::Desk;
use crate::federation::error::ProviderError;
use crate::federation::provider::Provider;
use crate::federation::routes_mapper::change_of;
use crate::federation::store;
use crate::federation::wire::{MapperRequest, ProviderRequest};
use crate::kernel::id::MapperId;
use crate::platform::row::StoreError;
use crate::realm::error::AdminError;
use std::collections::BTreeSet;

const PROVIDERS: &str = "identityProviders";

const MAPPERS: &str = "identityProviderMappers";

impl Plan<'_> {
    /// Plans the identity providers.
    pub(super) fn add_providers(
        &mut self,
        providers: Vec<ProviderRequest>,
    ) -> Result<(), AdminError> {
        for asked in providers {
            let alias = asked.alias.clone().unwrap_or_default();
            if self.providers.contains_key(&alias) {
                return Err(twice(PROVIDERS, &alias));
            }
            self.add_provider(&alias, asked)?;
        }
        Ok(())
    }

    fn add_provider(&mut self, alias: &str, asked: ProviderRequest) -> Result<(), AdminError> {
        let desk = Desk::of_inquiry(self.inquiry);
        let there = self.survey.providers.get(alias).cloned();
        let told = || format!("Identity Provider '{alias}' already exists.");
        let verdict = self.policy.decide(there, told)?;
        let (action, operation) = verdict.told();
        let draft = match verdict {
            Verdict::Skip(there) => {
                self.bring_provider(there, action);
                return Ok(());
            }
            Verdict::Add => change::creation(&desk, asked),
            Verdict::Overwrite(there) => change::replacement(&desk, &there, asked),
        };
        let ProviderDraft { provider, statements } =
            draft.map_err(|error| about(PROVIDERS, alias, refusal(error)))?;
        self.makings.extend(statements);
        self.note_change(change::change(&desk, &provider, operation));
        self.bring_provider(provider, action);
        Ok(())
    }

    fn bring_provider(&mut self, provider: Provider, action: Action) {
        let alias = provider.alias.as_str().to_owned();
        self.note((action, ResourceType::Idp), (&alias, provider.id.as_str()), None);
        self.providers.insert(alias, BroughtProvider { provider, action });
    }

    /// Plans the mappers of identity providers, brought or there.
    pub(super) fn add_mappers(&mut self, mappers: Vec<MapperRequest>) -> Result<(), AdminError> {
        let mut seen = BTreeSet::new();
        for asked in mappers {
            let alias = asked.alias().unwrap_or_default().to_owned();
            let name = asked.name().unwrap_or_default().to_owned();
            if !seen.insert((alias.clone(), name.clone())) {
                return Err(twice(MAPPERS, &format!("{name} of {alias}")));
            }
            self.add_mapper(alias, &name, asked)?;
        }
        Ok(())
    }

    fn add_mapper(
        &mut self,
        alias: String,
        name: &str,
        asked: MapperRequest,
    ) -> Result<(), AdminError> {
        let told = |error| about(MAPPERS, name, error);
        let brought = self.providers.get(&alias);
        let provider =
            brought.map(|one| &one.provider).or_else(|| self.survey.providers.get(&alias));
        let unknown =
            || told(AdminError::Invalid(format!("there is no identity provider {alias}")));
        let provider = provider.cloned().ok_or_else(unknown)?;
        // A provider whose place is taken takes its mappers along.
        let is_anew = brought.is_some_and(|one| one.action == Action::Overwritten);
        let there = self.survey.mappers.get(&(alias, name.to_owned())).cloned();
        let exists = || format!("Identity Provider Mapper '{name}' already exists.");
        let verdict = self.policy.decide(there, exists)?;
        let (action, operation) = verdict.told();
        let kind = (action, ResourceType::IdpMapper);
        let id = match &verdict {
            Verdict::Skip(there) => {
                self.note(kind, (name, there.id.as_str()), None);
                return Ok(());
            }
            Verdict::Overwrite(there) => there.id.clone(),
            Verdict::Add => MapperId::from(self.inquiry.context.ports.random.uuid()),
        };
        let mapper = asked.mapper(id).map_err(|error| told(refusal(error)))?;
        self.makings.push(if verdict == Verdict::Add || is_anew {
            store::mapper::insertion(&provider, &mapper)?
        } else {
            store::mapper::update(&provider, &mapper)?
        });
        let change = change_of(operation, &provider, &mapper);
        self.note(kind, (name, mapper.id.as_str()), Some(change));
        Ok(())
    }
}

/// A refusal, as the realm's paths tell it.
fn refusal(error: ProviderError) -> AdminError {
    match error {
        ProviderError::Admin(error) => error,
        ProviderError::Store(error) => error.into(),
        ProviderError::Vault => StoreError::Refused(error.to_string()).into(),
        error => AdminError::Invalid(error.to_string()),
    }
}
