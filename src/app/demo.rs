//! Travel0: the demonstration realm, with the organizations and people of
//! Auth0's sample scenario. Made again, it changes nothing.
use super::App;
use super::bootstrap::{self, BootstrapError};
use crate::account::register::{NewUser, RegisterError, register};
use crate::event::audit;
use crate::kernel::alias::Alias;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, RealmName, UserId};
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::org::admin_user;
use crate::org::create::{self, CreateError, PrepareOrg};
use crate::org::dialect::Dialect;
use crate::org::furnish::{FurnishOrg, Seat};
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::bootstrap::{NewClient, NewRealm, ensure_client, ensure_realm};
use crate::realm::client::{ClientSettings, Grant};
use crate::realm::context::RealmContext;
use crate::realm::furnish;
use crate::realm::key::RotateError;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::settings::Settings;
use crate::realm::store;
use crate::realm::user::Username;
use serde_json::{Value, json};
use std::rc::Rc;

/// The realm's name.
pub const REALM: &str = "travel0";

/// The password of everybody in the demonstration.
pub const PASSWORD: &str = "travel0-demo";

/// The secret of the demonstration's confidential clients.
pub const CLIENT_SECRET: &str = "travel0-demo-client-secret";

/// An organization of the scenario.
pub struct DemoOrg {
    name: &'static str,
    title: &'static str,
    colour: &'static str,
    domain: &'static str,
}

const GRANITE: &str = "granite-outpost";
const ADVENTUREZ: &str = "adventurez";
const ROCKY: &str = "rocky-mountain";

/// The organizations.
pub const ORGANIZATIONS: &[DemoOrg] = &[
    DemoOrg {
        name: GRANITE,
        title: "Granite Outpost Rafting and Ziplines",
        colour: "1f6f78",
        domain: "granite-outpost.example",
    },
    DemoOrg {
        name: ADVENTUREZ,
        title: "AdventureZ",
        colour: "c2571a",
        domain: "adventurez.example",
    },
    DemoOrg {
        name: ROCKY,
        title: "Rocky Mountain High Adventures",
        colour: "3b5ba9",
        domain: "rocky-mountain.example",
    },
];

/// Where a person belongs: organization, roles, groups.
type Place = (&'static str, &'static [&'static str], &'static [&'static str]);

/// A person of the scenario.
pub struct DemoPerson {
    /// The name to sign in with.
    pub username: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    email: &'static str,
    /// Who that is.
    pub about: &'static str,
    places: &'static [Place],
}

/// The people.
pub const PEOPLE: &[DemoPerson] = &[
    DemoPerson {
        username: "jonno",
        first_name: "Jonno",
        last_name: "Reyes",
        email: "jonno@rocky-mountain.example",
        about: "Guide at Rocky Mountain High Adventures, and its administrator",
        places: &[(
            ROCKY,
            &[
                "guide",
                "view-organization",
                "manage-organization",
                "view-members",
                "manage-members",
                "view-roles",
                "view-invitations",
                "manage-invitations",
            ],
            &["/Guides/Climbing"],
        )],
    },
    DemoPerson {
        username: "hiroko",
        first_name: "Hiroko",
        last_name: "Sato",
        email: "hiroko@granite-outpost.example",
        about: "Guide at Granite Outpost Rafting and Ziplines",
        places: &[(GRANITE, &["guide", "scheduler"], &["/Guides/Rafting", "/Office"])],
    },
    DemoPerson {
        username: "emilio",
        first_name: "Emilio",
        last_name: "Vargas",
        email: "emilio@freelance.example",
        about: "Freelance guide at Rocky Mountain and at Granite Outpost",
        places: &[
            (ROCKY, &["guide"], &["/Guides/Freelance"]),
            (GRANITE, &["guide"], &["/Guides/Ziplines"]),
        ],
    },
    DemoPerson {
        username: "sumana",
        first_name: "Sumana",
        last_name: "Iyer",
        email: "sumana@adventurez.example",
        about: "Guide at AdventureZ, lent to Rocky Mountain",
        places: &[
            (ADVENTUREZ, &["guide", "scheduler"], &["/Guides/Canyoning"]),
            (ROCKY, &["guide"], &["/Guides/Freelance"]),
        ],
    },
];

/// Why the demonstration data is not (all) there.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Realm `master`.
    #[error(transparent)]
    Master(#[from] BootstrapError),
    /// The realm's key.
    #[error(transparent)]
    Key(#[from] RotateError),
    /// A person.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// An organization.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// A database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the demonstration data and says what there is.
///
/// # Errors
/// As [`DemoError`] says; running again goes on.
pub async fn ensure(app: &App) -> Result<Value, DemoError> {
    let now = app.ports.clock.now();
    bootstrap::ensure_master(app, now).await?;
    let name: RealmName = parsed(REALM)?;
    // The cast of the demonstration is people: no administrator without a face.
    let settings = Settings { scim_enabled: true, create_admin_user: false, ..Settings::default() };
    let new = NewRealm { name: &name, display_name: "Travel0", settings };
    let realm = ensure_realm(&app.ports, new, now).await?;
    let context = app.context(Rc::new(realm), now);
    ensure_clients(&context).await?;
    let mut people = Vec::new();
    for person in PEOPLE {
        people.push((ensure_person(&context, person).await?, person));
    }
    for organization in ORGANIZATIONS {
        let org = ensure_organization(&context, organization).await?;
        let seats = people.iter().flat_map(|(user, person)| seats_in(organization, user, person));
        let question = FurnishOrg { seats: seats.collect() };
        let object = ObjectName::Org(context.realm.id.clone(), org);
        ask(&*app.ports.objects, &object, &question).await?;
    }
    let details = furnish::organization_details(&app.ports, &context.realm.id)?;
    app.ports.directory.batch(details).await?;
    app.ports.memo.clear();
    Ok(summary(&context))
}

fn seats_in<'a>(
    organization: &'a DemoOrg,
    user: &'a UserId,
    person: &'a DemoPerson,
) -> impl Iterator<Item = Seat> + 'a {
    let here = person.places.iter().filter(|(name, ..)| *name == organization.name);
    here.map(|(_, roles, groups)| Seat {
        user: user.clone(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    })
}

async fn ensure_clients(context: &RealmContext<'_>) -> Result<(), StoreError> {
    let secret = || Some(Secret::new(CLIENT_SECRET));
    let callbacks = |port: u16| {
        let hosts = ["localhost", "127.0.0.1"];
        hosts.iter().map(|host| format!("http://{host}:{port}/callback")).collect::<Vec<_>>()
    };
    let login = vec![Grant::AuthorizationCode, Grant::RefreshToken];
    let clients = [
        NewClient {
            client_id: "travel0-web",
            secret: secret(),
            service_account: false,
            settings: ClientSettings {
                name: "Travel0 Adventure Management".to_owned(),
                grants: login.clone(),
                redirect_uris: callbacks(3000),
                ..ClientSettings::default()
            },
        },
        NewClient {
            client_id: "travel0-spa",
            secret: None,
            service_account: false,
            settings: ClientSettings {
                name: "Travel0 in the browser".to_owned(),
                grants: login,
                redirect_uris: callbacks(5173),
                web_origins: vec!["http://localhost:5173".to_owned()],
                ..ClientSettings::default()
            },
        },
        NewClient {
            client_id: "travel0-machine",
            secret: secret(),
            service_account: true,
            settings: ClientSettings {
                name: "Travel0 nightly job".to_owned(),
                ..Default::default()
            },
        },
    ];
    for client in clients {
        ensure_client(context, client).await?;
    }
    Ok(())
}

async fn ensure_person(
    context: &RealmContext<'_>,
    person: &DemoPerson,
) -> Result<UserId, DemoError> {
    let directory = &*context.ports.directory;
    let username: Username = parsed(person.username)?;
    let known = store::user::find_by_username(directory, &context.realm.id, &username).await?;
    if let Some(user) = known {
        return Ok(user.id);
    }
    let email: EmailAddress = parsed(person.email)?;
    let new = NewUser {
        id: None,
        username,
        email: Some(email),
        email_verified: true,
        first_name: Some(person.first_name.to_owned()),
        last_name: Some(person.last_name.to_owned()),
        password: Some(Secret::new(PASSWORD).into()),
        home_org: None,
    };
    Ok(register(context, new).await?.id)
}

async fn ensure_organization(
    context: &RealmContext<'_>,
    organization: &DemoOrg,
) -> Result<OrgId, DemoError> {
    let directory = &*context.ports.directory;
    let realm = &context.realm.id;
    let known = store::organization::list_by_alias(directory, realm, &[organization.name]).await?;
    if let Some((_, org)) = known.into_iter().next() {
        return Ok(org);
    }
    let asked = PrepareOrg {
        realm: realm.clone(),
        registration: registration_of(context, organization)?,
        logo_url: Some(logo(organization)),
        owner: None,
        admin: admin_user::new_id(context),
        dialect: Dialect::PhaseTwo,
        asserted: Vec::new(),
        actor: audit::Actor::default(),
        now: context.now,
    };
    Ok(create::create(context, asked).await?)
}

fn registration_of(
    context: &RealmContext<'_>,
    organization: &DemoOrg,
) -> Result<Registration, StoreError> {
    Ok(Registration {
        id: OrgId::from(context.ports.random.uuid()),
        name: organization.name.to_owned(),
        alias: parsed::<Alias>(organization.name)?,
        display_name: Some(organization.title.to_owned()),
        url: Some(format!("https://{}", organization.domain)),
        attributes: Attributes::new(),
        domains: vec![organization.domain.to_owned()],
        enabled: true,
        description: None,
        redirect_url: None,
        created_at: context.now,
    })
}

/// A mountain in the organization's colour: a logo that needs no other server.
fn logo(organization: &DemoOrg) -> String {
    let colour = organization.colour;
    format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'%3E\
         %3Crect width='64' height='64' rx='14' fill='%23{colour}'/%3E\
         %3Cpath d='M8 50 26 18l10 16 6-8 14 24z' fill='white'/%3E%3C/svg%3E"
    )
}

/// Texts of this file that must parse; one that does not is our mistake.
fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Refused(format!("{text} is not usable")))
}

fn summary(context: &RealmContext<'_>) -> Value {
    let people: Vec<Value> = PEOPLE
        .iter()
        .map(|person| {
            json!({ "username": person.username, "password": PASSWORD, "about": person.about })
        })
        .collect();
    let organizations: Vec<&str> = ORGANIZATIONS.iter().map(|one| one.name).collect();
    json!({
        "issuer": context.issuer(),
        "organizations": organizations,
        "people": people,
        "clients": [
            { "client_id": "travel0-web", "client_secret": CLIENT_SECRET },
            { "client_id": "travel0-spa" },
            { "client_id": "travel0-machine", "client_secret": CLIENT_SECRET },
        ],
    })
}
