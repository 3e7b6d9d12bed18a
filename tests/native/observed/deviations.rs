//! Where ours answers otherwise than Keycloak, and why.

const WORDS: &str = "The same status and members, in words of our own";

const NUMBER: &str = "A number that is none is named; Keycloak claims that the path is unknown";

const REFUSED: &str =
    "Refused with a reason: what Keycloak takes has no name, no meaning or no effect";

const TOLD: &str = "The reason is told, in the member of our other reasons";

const CONFLICT: &str = "What is taken is named; Keycloak says conflict and nothing else";

const STAYS: &str = "What a change does not name stays; Keycloak drops it or refuses the change";

const EXACT: &str = "Attributes are found by an index, exactly as they are written";

const QUERY: &str = "A query that is none is refused; Keycloak passes over it";

const CLIENTS: &str =
    "There are fewer built-in clients, and their names are no keys of translations";

const IDP: &str =
    "People sign in through an identity provider (types); Keycloak has more uses for one";

const KEYS: &str =
    "Only signing keys are components; they are told whole, and a new realm has one for ES256";

const TEST_KEYS: &str = "The native tests have two RSA keys to give";

const FLOWS: &str =
    "What a person must do and how they sign in are what is built here, in words of our own";

const IMPERSONATE: &str = "Nobody impersonates";

const UNMANAGED: &str =
    "Every attribute is kept, as with Keycloak's unmanagedAttributePolicy ENABLED";

const BUILT_IN: &str =
    "The profile of users is built in: usernames may be changed, and hold any visible character";

const POLICY: &str =
    "Known gap: of password policies only the length is enforced, and others are refused";

const IDEMPOTENT: &str = "Asked for twice, it is as asked for";

const UNKNOWN: &str = "What is unknown is told to be; Keycloak passes over it";

const SAFER: &str = "Safer: who may not see something is not told whether it is there";

const SLASHES: &str =
    "A slash in the name of a group is marked in its path, so that paths are no riddles";

const MORE: &str = "Known gap: a member of the representation is not told";

const NOREPLY: &str = "Our own domain that never gets mail";

const ROLE_WORDS: &str = "What the built-in roles are for is told in words of our own";

const BULK: &str = "A failed item is told with its item, and there is no Location of many";

const ENCODED: &str = "A Location is an address: what a path cannot hold is encoded";

const COUNT: &str = "A count counts what the list lists";

const VERSION: &str = "A later version of the extension than the one observed knows this setting, and keeps what is left out";

const PORTAL: &str = "The portal is here; the observed edition has none";

const SWITCH: &str = "The new tokens are for that organization alone, and their scope says so";

const ORDER: &str = "Scopes are told in the order of their names; clients without what is built in";

const HTTPS: &str = "Redirects are compared exactly (RFC 9700 section 2.1)";

const MAPPERS: &str = "Mappers are kept as they are written, of any kind";

const SCOPE_MOVE: &str = "A scope has one place: the last one asked for";

const PATHS: &str = "Keycloak's other word for a path without such a method";

const LINKED: &str = "Links to providers that are gone are told, so that they can be removed";

const WEB: &str = "Whether a realm exists is public: its front page says so";

const BY_ID: &str = "A role is known by its id; its name is checked where it is given";

const CLIENT_ROLE: &str = "A client's role belongs under its client";

const SEARCH: &str = "Found by its name, not by its description";

const CREDENTIAL: &str = "Known gap: unknown members of a credential are passed over";

const OURSELVES: &str = "What the server is made of is told as it is here";

const ACCOUNT: &str = "There is no client account, whose roles the default role would include";

const KEEPS_PLACE: &str = "What is overwritten keeps its key, and who holds or uses it; Keycloak deletes it and makes it anew, and counts a role as added, too";

const OWN_KEY: &str = "The key of a client's role is told, where Keycloak tells its client's";

const CARRIED: &str = "What is carried along is known by its name";

const REASON_400: &str = "A document that cannot be imported is 400";

const SPARED: &str = "What is built in is told to be skipped";

const PROBLEMS: &str =
    "All problems of a document are told, in words of our own; one that contradicts itself is 400";

const PASSED: &str = "What no form of a document knows is passed over, at each level";

const EVENT: &str =
    "Told under the kind and the path of the thing itself, as where it is made alone";

const EVENT_DETAILS: &str = "Known gap: details of an event are fewer";

const REALM_EVENT: &str = "An event of a realm has its name for a path";

const MEMBERS_TOLD: &str = "Told besides: that the administrator of an organization's own joins, and what is changed of a member";

const REALMS_OWN: &str = "An identity provider is the realm's, and told at its path there";

const SETTINGS: &str = "A new realm has settings of ours, and what it has no use for is not told";

const FOR_EVER: &str = "That events are kept for ever is told";

const FOREIGN: &str = "The token of another realm is none";

const WITH_ACCOUNTS: &str =
    "The accounts of clients are told with them, and a client without roles is not among the roles";

const TOP: &str =
    "The parent of a group at the top is its organization; there is no hidden group of it";

const WHOLE_CHILD: &str =
    "A child is made with its description and attributes, as any group is, and has one address";

const OTHERS_GROUP: &str = "A group that is not this organization's is unknown, whosever it is";

const SWITCHED_ON: &str = "A new realm has organizations: they are what this server is for";

const BY_NAME: &str = "Domains are told by name";

const ALL_DOMAINS: &str = "A wildcard of everything is refused: nobody owns every domain";

const TYPED: &str = "A body of one word is taken with any content type";

const MEMBER_TWICE: &str = "Who is a member already is not invited";

const LINK_EVENT: &str =
    "That an organization uses a provider, or no longer does, is told; Keycloak tells nothing";

const LINK_TOLD: &str = "A provider has one use here, and is told in full; which domains lead to it as Phase Two has it";

const RULES: &str = "A mapper that can never work is refused with the reason";

/// Reasons, and the requests that each explains: the second of a name has `#2`
/// behind it.
pub type Explained = &'static [(&'static str, &'static [&'static str])];

/// By group.
pub const DEVIATIONS: &[(&str, Explained)] = &[
    (
        "admin-orgs",
        &[
            (SWITCHED_ON, &["organizations are not switched on"]),
            (BY_NAME, &["the one with everything", "the list in full", "searched by name"]),
            (
                ALL_DOMAINS,
                &[
                    "a wildcard of everything",
                    "the list",
                    "a page",
                    "a negative page",
                    "the number",
                ],
            ),
            (
                WORDS,
                &[
                    "a wildcard in the middle",
                    "a wildcard of a word",
                    "another type of content",
                    "an unknown user's organizations",
                ],
            ),
            (NUMBER, &["a page of words"]),
        ],
    ),
    (
        "admin-org-members",
        &[
            (TYPED, &["bob as text"]),
            (REFUSED, &["an object", "nothing"]),
            (
                TOLD,
                &[
                    "an unknown user",
                    "nonsense",
                    "dan, who is none",
                    "an unknown member",
                    "nonsense as a member",
                    "dan's organizations",
                    "dan's groups",
                    "cid goes again",
                    "an unknown one goes",
                ],
            ),
            (EVENT, &["the event", "the event #2"]),
        ],
    ),
    ("admin-org-invitations", &[(MEMBER_TWICE, &["and by id", "the event"])]),
    (
        "admin-org-idps",
        &[
            (LINK_TOLD, &["the list", "one"]),
            (TOP, &["its groups then"]),
            (RULES, &["a mapper to a type that is none", "a mapper with claims that are none"]),
            (WORDS, &["the kinds of mapper to groups"]),
            (LINK_EVENT, &["the event"]),
        ],
    ),
    (
        "admin-org-groups",
        &[
            (
                TOP,
                &[
                    "a group is made",
                    "another, with everything",
                    "the same path elsewhere",
                    "the groups",
                    "the groups in full",
                    "the groups with their tree",
                    "with the number below",
                    "attributes stay",
                    "the group then",
                ],
            ),
            (WHOLE_CHILD, &["a child", "the child"]),
            (
                OTHERS_GROUP,
                &[
                    "a child of a group of another organization",
                    "a group of the realm",
                    "by the realm's path",
                    "a move of a group of the realm",
                    "a move of another organization's",
                ],
            ),
        ],
    ),
    (
        "realms",
        &[
            (
                WORDS,
                &["no name", "an empty name", "a name of another realm", "an unknown session goes"],
            ),
            (REFUSED, &["a name with a blank", "the one with a blank goes"]),
            (TOLD, &["a name with a slash", "an unknown property", "broken JSON", "no body"]),
            (SETTINGS, &["one realm"]),
            (ACCOUNT, &["what it holds"]),
            (WEB, &["nobody reads an unknown one"]),
        ],
    ),
    (
        "groups",
        &[
            (WORDS, &["another type of content"]),
            (NUMBER, &["a page with a word for a number"]),
            (QUERY, &["a search by attribute that has no colon"]),
            (
                SLASHES,
                &[
                    "the group with slashes",
                    "by its path with the slash as it is",
                    "by its path with the slash marked",
                    "by its path with the slash marked and not encoded",
                    "by path with a slash before it",
                ],
            ),
        ],
    ),
    (
        "group-roles",
        &[(
            BY_ID,
            &[
                "a role is granted by its id alone",
                "the realm roles that are left",
                "the mappings",
                "the realm roles",
                "the group with its roles",
                "the list of groups with their roles",
                "the groups of a role in full",
            ],
        )],
    ),
    (
        "scope-mappings",
        &[(CLIENT_ROLE, &["a client's role among the realm's", "the client's role is where"])],
    ),
    (
        "components",
        &[
            (WORDS, &["with a bad size"]),
            (
                KEYS,
                &[
                    "all components",
                    "the key providers",
                    "by parent",
                    "by parent under the realm's name",
                    "by name",
                    "by name and parent",
                    "one component",
                    "the made one",
                    "the made one with its secrets",
                    "without a parent",
                    "with an unknown algorithm",
                    "the changed one",
                    "what remains",
                    "what remains then",
                    "the kinds below one",
                    "the kinds below one, without a type",
                    "the keys",
                ],
            ),
            (TEST_KEYS, &["without a config", "without a name", "with an unknown setting"]),
        ],
    ),
    (
        "users",
        &[
            (NUMBER, &["a page with a word for a number"]),
            (
                IMPERSONATE,
                &[
                    "what it is",
                    "what it is #2",
                    "what remains",
                    "what remains then",
                    "what remains after attributes alone",
                    "what remains then #2",
                    "what remains of all",
                    "what remains of the address",
                    "what it is #3",
                ],
            ),
            (UNMANAGED, &["found by q=team:red", "the number by attribute"]),
            (
                BUILT_IN,
                &[
                    "another name",
                    "the name it has",
                    "the profile",
                    "a short name",
                    "a name with odd letters",
                ],
            ),
            (UNKNOWN, &["required actions", "the required actions"]),
        ],
    ),
    (
        "user-attributes",
        &[
            (STAYS, &["what remains then", "what remains of the field", "what remains of all"]),
            (EXACT, &["found by q=team:RED", "found by q=team:red&search=bob"]),
            (IMPERSONATE, &["what the user is"]),
        ],
    ),
    (
        "user-credentials",
        &[
            (
                WORDS,
                &[
                    "a password that is too short",
                    "a user with a password that is too short",
                    "a policy that is none",
                    "a mail to a disabled user",
                    "a mail with an unknown action",
                    "a mail with a bad address to go to",
                    "an unknown consent goes",
                ],
            ),
            (NUMBER, &["a mail with a lifespan of a word"]),
            (REFUSED, &["of another type", "types are disabled"]),
            (POLICY, &["a policy", "one without digits"]),
            (UNKNOWN, &["moved after an unknown one", "of an unknown user #2"]),
            (LINKED, &["the linked ones"]),
            (CREDENTIAL, &["an unknown property"]),
        ],
    ),
    ("user-roles", &[(BY_ID, &["by its id alone"])]),
    (
        "roles",
        &[
            (NUMBER, &["a page with a word for a number"]),
            (REFUSED, &["an empty name"]),
            (TOLD, &["one with an unknown part"]),
            (CONFLICT, &["a change to a taken name"]),
            (STAYS, &["a change without a name"]),
            (SEARCH, &["a search in the description"]),
        ],
    ),
    (
        "clients",
        &[
            (
                WORDS,
                &[
                    "an empty name",
                    "a bad redirect",
                    "a script for a redirect",
                    "an unknown protocol",
                ],
            ),
            (NUMBER, &["found by max=many"]),
            (REFUSED, &["no name"]),
            (TOLD, &["the management client goes"]),
            (CONFLICT, &["an id that is taken", "no name #2"]),
            (EXACT, &["found by q=realm_client:false&max=1"]),
            (
                CLIENTS,
                &[
                    "the names of the first",
                    "found by first=1&max=1",
                    "found by viewableOnly=true&max=1",
                    "the management client is read",
                    "a role of the management client",
                ],
            ),
            (MORE, &["a bad root"]),
            (ORDER, &["what it is"]),
            (HTTPS, &["one with everything"]),
            (
                MAPPERS,
                &[
                    "what it is #3",
                    "an unknown mapper",
                    "the list of mappers",
                    "the mappers of a protocol",
                ],
            ),
            (SCOPE_MOVE, &["the default scopes then"]),
        ],
    ),
    (
        "client-scopes",
        &[
            (WORDS, &["an empty name", "an unknown protocol"]),
            (TOLD, &["an unknown property"]),
            (STAYS, &["no protocol", "what remains", "what remains of them"]),
            (IDEMPOTENT, &["the default again", "it is optional too"]),
        ],
    ),
    (
        "identity-providers",
        &[
            (
                WORDS,
                &[
                    "no alias",
                    "no kind",
                    "a bad address",
                    "another alias",
                    "an unknown mapper",
                    "an unknown mapper is changed",
                    "it goes again",
                ],
            ),
            (REFUSED, &["an empty alias"]),
            (TOLD, &["an alias with a slash", "a configuration from nothing"]),
            (CONFLICT, &["a taken name", "no name"]),
            (STAYS, &["what remains of its alias"]),
            (
                IDP,
                &[
                    "what it is",
                    "what it is #2",
                    "the list then",
                    "what remains",
                    "what remains then",
                ],
            ),
        ],
    ),
    (
        "authentication",
        &[
            (WORDS, &["an unknown one goes"]),
            (
                FLOWS,
                &[
                    "the required actions",
                    "what remains",
                    "one goes",
                    "those that are not registered",
                    "the flows",
                ],
            ),
        ],
    ),
    ("server", &[(MORE, &["the realm's front"]), (OURSELVES, &["the server"])]),
    (
        "orgs",
        &[
            (WORDS, &["text", "an unknown one", "a change of an unknown one", "it goes again"]),
            (NUMBER, &["found by max=many"]),
            (REFUSED, &["a change to an empty name", "an empty name"]),
            (CONFLICT, &["a taken name", "a taken id", "a change to a taken name"]),
            (EXACT, &["found by q=tier:GOLD"]),
            (QUERY, &["found by q=tier"]),
            (COUNT, &["the number by shown name"]),
            (
                VERSION,
                &["its domains", "what remains", "what remains then", "what remains of the name"],
            ),
            (PATHS, &["the list goes"]),
        ],
    ),
    (
        "org-members",
        &[
            (
                WORDS,
                &[
                    "a member of an unknown organization",
                    "attributes of an unknown user",
                    "attributes of one who is no member",
                    "attributes for one who is no member",
                    "the administrator is removed",
                ],
            ),
            (NUMBER, &["found by max=many"]),
            (SAFER, &["ann sees an unknown organization"]),
            (NOREPLY, &["the members at first"]),
            (VERSION, &["attributes are left out", "attributes of null", "attributes then"]),
            (PATHS, &["the list goes"]),
        ],
    ),
    (
        "org-roles",
        &[
            (
                WORDS,
                &[
                    "bob gets it",
                    "an unknown user gets it",
                    "the roles of bob",
                    "the roles in an unknown organization",
                    "bob gets several",
                    "an unknown user gets several",
                    "an unknown user loses it",
                    "the invitations for an unknown user",
                ],
            ),
            (REFUSED, &["an empty name"]),
            (UNKNOWN, &["several go"]),
            (NOREPLY, &["who has a default one"]),
            (ROLE_WORDS, &["the roles at first", "the list"]),
            (
                BULK,
                &["several are made", "several of none", "ann gets several", "ann loses several"],
            ),
            (ENCODED, &["a name with a slash"]),
        ],
    ),
    (
        "org-invitations",
        &[
            (
                WORDS,
                &[
                    "the same again",
                    "the same in other letters",
                    "for a member",
                    "no address",
                    "an unknown one",
                    "an unknown one is sent",
                    "cid accepts bob's",
                    "cid rejects bob's",
                    "bob accepts an unknown one",
                    "bob rejects an unknown one",
                    "bob accepts again",
                    "the realm's administrator sees theirs",
                    "it goes again",
                ],
            ),
            (REFUSED, &["a bad address to go to"]),
            (COUNT, &["the number by search"]),
        ],
    ),
    (
        "org-domains",
        &[(WORDS, &["an unknown one", "an unknown one is verified"]), (PATHS, &["one is made"])],
    ),
    (
        "org-idps",
        &[
            (
                WORDS,
                &[
                    "no alias",
                    "of another organization",
                    "an unknown mapper",
                    "it goes again",
                    "it is unlinked",
                    "it is unlinked again",
                ],
            ),
            (TOLD, &["no alias is linked", "a configuration from nothing"]),
            (IDP, &["what it is", "the list", "what remains", "the linked one"]),
        ],
    ),
    (
        "org-config",
        &[
            (REFUSED, &["a negative number"]),
            (VERSION, &["all fields", "what they are", "an unknown property", "a word for yes"]),
        ],
    ),
    (
        "org-users",
        &[
            (
                WORDS,
                &[
                    "ann switches to an unknown one",
                    "the link for a user",
                    "the link of an unknown organization",
                ],
            ),
            (SAFER, &["ann's invitations for bob"]),
            (PORTAL, &["the link to the portal", "ann's link", "a link as JSON"]),
            (SWITCH, &["ann switches"]),
        ],
    ),
    (
        "events",
        &[
            (STAYS, &["what remains"]),
            (UNKNOWN, &["an unknown type of event"]),
            (TOLD, &["an unknown listener"]),
            (FOR_EVER, &["the configuration"]),
            (REALM_EVENT, &["the event #24"]),
            (
                EVENT_DETAILS,
                &[
                    "the event #11",
                    "the event #12",
                    "the event #19",
                    "events of users",
                    "events of one user",
                ],
            ),
            (SAFER, &["a member reads an unknown group"]),
            (FOREIGN, &["a member reads the list of realms", "a member reads another realm"]),
        ],
    ),
    (
        "org-events",
        &[
            (EVENT_DETAILS, &["the event"]),
            (MEMBERS_TOLD, &["the last events of all", "no event"]),
            (REALMS_OWN, &["the event #13"]),
        ],
    ),
    (
        "org-transfer",
        &[
            (
                ROLE_WORDS,
                &[
                    "an export",
                    "an export with people",
                    "an export with a word for yes",
                    "its roles",
                    "its roles #2",
                    "its members #2",
                ],
            ),
            (TOLD, &["broken JSON", "a list"]),
            (PASSED, &["an unknown property"]),
            (
                PROBLEMS,
                &[
                    "a name that exists",
                    "an id that exists",
                    "the same name twice",
                    "no name",
                    "an unknown member",
                    "a member with neither",
                    "an unknown provider",
                    "an invitation of a member",
                    "an invitation without an inviter",
                    "an invitation by an unknown inviter",
                    "an invitation by one who is no member",
                    "an invitation twice",
                    "a role twice",
                    "a role without a name",
                ],
            ),
            (REFUSED, &["an empty name"]),
            (NOREPLY, &["its members"]),
        ],
    ),
    (
        "partial-import",
        &[
            (WORDS, &["a mapper that exists, FAIL"]),
            (
                UNKNOWN,
                &[
                    "an unknown property",
                    "a user with an unknown role",
                    "a mapper of an unknown provider",
                ],
            ),
            (CARRIED, &["a group that exists without its path, SKIP"]),
            (OWN_KEY, &["some that exist, SKIP"]),
            (
                KEEPS_PLACE,
                &[
                    "some that exist, OVERWRITE",
                    "the role was replaced",
                    "the client's old id",
                    "the client was replaced",
                    "the group's old id",
                    "the group was replaced",
                    "a default role",
                    "what it holds",
                ],
            ),
            (REASON_400, &["roles of an unknown client"]),
            (SPARED, &["a built-in client"]),
            (EVENT, &["the events of the imports", "the kinds of events of the imports"]),
        ],
    ),
    (
        "partial-export",
        &[
            (OURSELVES, &["a bare export"]),
            (ACCOUNT, &["an export with groups and roles"]),
            (CLIENTS, &["an export with clients"]),
            (WITH_ACCOUNTS, &["an export with both"]),
        ],
    ),
];
