//! How people and clients sign in, told in Keycloak's terms: flows of steps. They
//! are built in: programs read them, and nobody writes them.

/// A flow.
#[derive(Debug)]
pub struct Flow {
    /// The same in every realm.
    pub id: &'static str,
    /// What others name it by.
    pub alias: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Whose it is.
    pub kind: FlowKind,
    /// Its steps, in their order.
    pub steps: &'static [Step],
}

/// Who goes through a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowKind {
    /// People.
    Basic,
    /// Clients.
    Client,
}

/// A step of a flow.
#[derive(Debug)]
pub struct Step {
    /// The same in every realm.
    pub id: &'static str,
    /// Whether it is done, or another one in its place.
    pub requirement: &'static str,
    /// The lower comes first.
    pub priority: u16,
    /// What is done.
    pub what: What,
}

/// What a step does.
#[derive(Debug)]
pub enum What {
    /// It asks for one thing.
    Ask(&'static Authenticator),
    /// It is a flow of its own.
    Flow(&'static Flow),
}

/// What asks for one thing.
#[derive(Debug)]
pub struct Authenticator {
    /// Keycloak's name for it.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
}

const COOKIE: Authenticator = Authenticator {
    id: "auth-cookie",
    name: "Cookie",
    description: "Knows the browser by the cookie of a session that lives.",
};

const FORM: Authenticator = Authenticator {
    id: "auth-username-password-form",
    name: "Username Password Form",
    description: "Asks for a username or an address and the password, on a page.",
};

const DIRECT_USERNAME: Authenticator = Authenticator {
    id: "direct-grant-validate-username",
    name: "Username Validation",
    description: "Finds the person by the parameter username of a token request.",
};

const DIRECT_PASSWORD: Authenticator = Authenticator {
    id: "direct-grant-validate-password",
    name: "Password",
    description: "Verifies the parameter password of a token request.",
};

const CLIENT_SECRET: Authenticator = Authenticator {
    id: "client-secret",
    name: "Client Id and Secret",
    description: "Verifies a client's secret, from the header or the form.",
};

const CLIENT_JWT: Authenticator = Authenticator {
    id: "client-jwt",
    name: "Signed JWT",
    description: "Verifies an assertion that a client signed with a key of its own.",
};

const CLIENT_SECRET_JWT: Authenticator = Authenticator {
    id: "client-secret-jwt",
    name: "Signed JWT with Client Secret",
    description: "Verifies an assertion that a client signed with its secret.",
};

/// What asks people.
pub const AUTHENTICATORS: [&Authenticator; 4] =
    [&COOKIE, &FORM, &DIRECT_USERNAME, &DIRECT_PASSWORD];

/// What asks clients.
pub const CLIENT_AUTHENTICATORS: [&Authenticator; 3] =
    [&CLIENT_SECRET, &CLIENT_JWT, &CLIENT_SECRET_JWT];

const FORMS: Flow = Flow {
    id: "forms",
    alias: "forms",
    description: "What a person is asked for on pages.",
    kind: FlowKind::Basic,
    steps: &[Step {
        id: "forms-username-password",
        requirement: "REQUIRED",
        priority: 10,
        what: What::Ask(&FORM),
    }],
};

/// The flows that stand by themselves.
pub const FLOWS: [Flow; 4] = [
    Flow {
        id: "browser",
        alias: "browser",
        description: "How a person signs in with a browser.",
        kind: FlowKind::Basic,
        steps: &[
            Step {
                id: "browser-cookie",
                requirement: "ALTERNATIVE",
                priority: 10,
                what: What::Ask(&COOKIE),
            },
            Step {
                id: "browser-forms",
                requirement: "ALTERNATIVE",
                priority: 30,
                what: What::Flow(&FORMS),
            },
        ],
    },
    Flow {
        id: "direct-grant",
        alias: "direct grant",
        description: "How a client signs a person in with their password, where it may.",
        kind: FlowKind::Basic,
        steps: &[
            Step {
                id: "direct-grant-username",
                requirement: "REQUIRED",
                priority: 10,
                what: What::Ask(&DIRECT_USERNAME),
            },
            Step {
                id: "direct-grant-password",
                requirement: "REQUIRED",
                priority: 20,
                what: What::Ask(&DIRECT_PASSWORD),
            },
        ],
    },
    Flow {
        id: "clients",
        alias: "clients",
        description: "How a client shows who it is.",
        kind: FlowKind::Client,
        steps: &[
            Step {
                id: "clients-secret",
                requirement: "ALTERNATIVE",
                priority: 10,
                what: What::Ask(&CLIENT_SECRET),
            },
            Step {
                id: "clients-client-jwt",
                requirement: "ALTERNATIVE",
                priority: 20,
                what: What::Ask(&CLIENT_JWT),
            },
            Step {
                id: "clients-client-secret-jwt",
                requirement: "ALTERNATIVE",
                priority: 30,
                what: What::Ask(&CLIENT_SECRET_JWT),
            },
        ],
    },
    Flow {
        id: "first-broker-login",
        alias: "first broker login",
        description: "What a first login through an identity provider does: nothing yet. \
                      Providers name it.",
        kind: FlowKind::Basic,
        steps: &[],
    },
];

/// The flow whose id is `id`, also one within another.
#[must_use]
pub fn find_by_id(id: &str) -> Option<&'static Flow> {
    all().find(|flow| flow.id == id)
}

/// The flow called `alias`, also one within another.
#[must_use]
pub fn find_by_alias(alias: &str) -> Option<&'static Flow> {
    all().find(|flow| flow.alias == alias)
}

fn all() -> impl Iterator<Item = &'static Flow> {
    const TOP: &[Flow] = &FLOWS;
    const INNER: &[Flow] = &[FORMS];
    TOP.iter().chain(INNER)
}

/// Whether the flow stands by itself.
#[must_use]
pub fn is_top(flow: &Flow) -> bool {
    FLOWS.iter().any(|top| top.id == flow.id)
}

/// What asks for one thing, of people or of clients, called `id`.
#[must_use]
pub fn find_authenticator(id: &str) -> Option<&'static Authenticator> {
    let all = AUTHENTICATORS.into_iter().chain(CLIENT_AUTHENTICATORS);
    all.into_iter().find(|one| one.id == id)
}

/// The step called `id`, and the flow it is of.
#[must_use]
pub fn find_step(id: &str) -> Option<(&'static Flow, &'static Step)> {
    all().find_map(|flow| Some((flow, flow.steps.iter().find(|step| step.id == id)?)))
}

/// A step where it stands.
#[derive(Debug)]
pub struct Placed {
    /// The step.
    pub step: &'static Step,
    /// How deep in flows within flows.
    pub level: u8,
    /// Its place among its like.
    pub index: usize,
}

/// Every step of `flow` and of the flows in it, each flow before its steps.
#[must_use]
pub fn flattened(flow: &'static Flow) -> Vec<Placed> {
    let mut found = Vec::new();
    place(flow, 0, &mut found);
    found
}

fn place(flow: &'static Flow, level: u8, found: &mut Vec<Placed>) {
    for (index, step) in flow.steps.iter().enumerate() {
        found.push(Placed { step, level, index });
        if let What::Flow(inner) = step.what {
            place(inner, level.saturating_add(1), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn flows_and_steps_are_found_by_ids_of_their_own() {
        let flows: HashSet<&str> = all().map(|flow| flow.id).collect();
        assert_eq!(flows.len(), all().count());
        let steps: Vec<&str> = all().flat_map(|flow| flow.steps).map(|step| step.id).collect();
        assert_eq!(steps.iter().collect::<HashSet<_>>().len(), steps.len());
        assert!(steps.iter().all(|id| find_step(id).is_some()));
        assert!(find_by_alias("forms").is_some_and(|flow| !is_top(flow)));
        assert!(find_by_id("nobody").is_none() && find_step("nobody").is_none());
    }

    #[test]
    fn a_flow_within_a_flow_is_told_before_its_steps() {
        let browser = flattened(find_by_id("browser").unwrap());
        let told: Vec<_> = browser.iter().map(|one| (one.step.id, one.level, one.index)).collect();
        let expected =
            [("browser-cookie", 0, 0), ("browser-forms", 0, 1), ("forms-username-password", 1, 0)];
        assert_eq!(told, expected);
    }
}
