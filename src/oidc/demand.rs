//! The organization that a request demands (Auth0's `organization`): the tokens
//! speak for this one, or there are none. No scope and no choice overrides it.
use crate::kernel::alias::Alias;
use crate::kernel::id::OrgId;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store::organization;
use crate::web::form::{BadParameter, Form};
use serde::{Deserialize, Serialize};

/// What a request says of the organization. Everything it says must be true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demand {
    /// `organization`: its id or its alias.
    named: Option<String>,
    /// `organization_name`: its alias.
    alias: Option<String>,
    /// Its name in the redirect URI.
    tenant: Option<String>,
}

impl Demand {
    /// Reads what `form` demands, whose redirect URI is the address of `tenant`.
    ///
    /// # Errors
    /// `Repeated`.
    pub fn read(form: &Form, tenant: Option<String>) -> Result<Self, BadParameter> {
        let text = |name| Ok::<_, BadParameter>(form.at_most_one(name)?.map(str::to_owned));
        Ok(Self { named: text("organization")?, alias: text("organization_name")?, tenant })
    }

    /// The demand for the organization that has this id, or else this alias.
    #[must_use]
    pub fn for_named(name: &str) -> Self {
        Self { named: Some(name.to_owned()), ..Self::default() }
    }

    /// The demand for the organization that is called `alias`.
    #[must_use]
    pub fn for_alias(alias: &Alias) -> Self {
        Self { alias: Some(alias.to_string()), ..Self::default() }
    }

    /// Whether any organization will do, and none.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.named.is_none() && self.alias.is_none()
    }

    /// The organization of which all of this is true. An id comes before an alias
    /// of the same letters.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn find(
        &self,
        context: &RealmContext<'_>,
    ) -> Result<Option<(OrgId, Alias)>, StoreError> {
        let found = match (&self.named, &self.alias) {
            (Some(named), _) => match by_id(context, named).await? {
                Some(found) => Some(found),
                None => by_alias(context, named).await?,
            },
            (None, Some(alias)) => by_alias(context, alias).await?,
            (None, None) => None,
        };
        Ok(found.filter(|(_, alias)| self.fits(alias)))
    }

    /// Whether all of this is true of an organization with this id and this alias.
    #[must_use]
    pub fn is_met_by(&self, id: &OrgId, alias: &Alias) -> bool {
        let is_it = |named: &String| named == id.as_str() || named == alias.as_str();
        self.named.as_ref().is_none_or(is_it) && self.fits(alias)
    }

    fn fits(&self, alias: &Alias) -> bool {
        let alias = alias.as_str();
        self.alias.as_ref().is_none_or(|wanted| wanted == alias)
            && self.tenant.as_ref().is_none_or(|tenant| tenant == alias)
    }
}

/// The organization that has this id, or this alias: one that is configured, and
/// not demanded.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_named(
    context: &RealmContext<'_>,
    name: &str,
) -> Result<Option<(OrgId, Alias)>, StoreError> {
    Demand::for_named(name).find(context).await
}

async fn by_id(
    context: &RealmContext<'_>,
    text: &str,
) -> Result<Option<(OrgId, Alias)>, StoreError> {
    let Ok(id) = text.parse::<OrgId>() else { return Ok(None) };
    let found = organization::find(&*context.ports.directory, &context.realm.id, &id).await?;
    Ok(found.map(|found| (found.id, found.alias)))
}

async fn by_alias(
    context: &RealmContext<'_>,
    text: &str,
) -> Result<Option<(OrgId, Alias)>, StoreError> {
    let Ok(alias) = text.parse::<Alias>() else { return Ok(None) };
    let directory = &*context.ports.directory;
    let found =
        organization::list_by_alias(directory, &context.realm.id, &[alias.as_str()]).await?;
    Ok(found.into_iter().next().map(|(_, id)| (id, alias)))
}
