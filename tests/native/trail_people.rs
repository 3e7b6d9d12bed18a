//! What people and apps leave behind who sign in, switch, accept and go, where the
//! realm wants it written down: a row per way through a route that anybody may
//! call (reference phasetwo.md §6.2; Keycloak's types and words for Keycloak's
//! flows). The rows are compared with the route table.
use crate::admin_actions::{self, choose, temporary};
use crate::admin_setup::{MASTER, TRAVEL0, client_uuid};
use crate::authorize::{page_of_choices, pick};
use crate::device_setup::{self, Device, ask, type_code};
use crate::harness::browser::{Browser, form_request};
use crate::harness::relying_party::{RelyingParty, claims_of, sign_in, token_path};
use crate::harness::world::World;
use crate::invitations::{self, MARTA, accept, invite, pushed_and_invited, with_password};
use crate::logout::{log_out, signed_in};
use crate::scim_setup::{admin, org_id, travel0, user};
use crate::switch_organization::{access, switch};
use crate::token_setup::{self, post_as};
use crate::trail_setup::{ADDRESS, SECRET, user_line};
use crate::{portal_link, self_registration, switch_organization};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::app::routes::{self, Door};
use guildhall::event::user_event::Kind;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const NEW: &str = "a much better password";
const HIROKO: &str = "hiroko@granite-outpost.example";

/// A realm that wants to hear everything.
struct Heard {
    world: World,
}

impl Heard {
    fn of(world: World) -> Self {
        let types: Vec<&str> = Kind::ALL.iter().map(|(_, name)| *name).collect();
        let config = json!({ "eventsEnabled": true, "enabledEventTypes": types });
        let answer = world.put(&format!("{TRAVEL0}/events/config"), &admin(&world), &config);
        assert_eq!(answer.status, 204, "{answer:?}");
        Self { world }
    }

    fn app(&self) -> RelyingParty<'_> {
        RelyingParty::web(&self.world)
    }

    /// What happened until now is not what this is about.
    fn forget(&self) {
        self.world.deliver_queue();
        let cleared = self.world.delete(&format!("{TRAVEL0}/events"), &admin(&self.world));
        assert_eq!(cleared.status, 204);
    }

    /// A client registers, and then does something with its registration.
    fn register(&self, then: Option<&Method>) {
        let path = REGISTRATIONS.replace("{realm}", "travel0");
        let metadata = json!({ "redirect_uris": ["https://made.example/cb"] });
        let token = admin(&self.world);
        let made = self.world.post(&path, &token, &metadata);
        assert_eq!(made.status, 201, "{made:?}");
        let Some(method) = then else { return };
        let told = made.json();
        let [place, token] = ["registration_client_uri", "registration_access_token"]
            .map(|name| told[name].as_str().unwrap());
        let body = json!({ "client_id": told["client_id"],
                           "redirect_uris": ["https://made.example/cb"] });
        let answer = self.world.call(method.clone(), place, token, Some(&body));
        assert!(answer.status.is_success(), "{answer:?}");
    }

    fn events(&self) -> Vec<Value> {
        self.world.deliver_queue();
        let list = format!("{TRAVEL0}/events?direction=asc");
        self.world.get(&list, &admin(&self.world)).json().as_array().unwrap().clone()
    }

    /// `TYPE (error) of user at client in a session detail=...`, oldest first; an
    /// organization by its alias.
    fn lines(&self) -> Vec<String> {
        let orgs = ["granite-outpost", "rocky-mountain", "adventurez"];
        let line = |event: &Value| {
            let mut line = user_line(event);
            let at = line
                .find(" (")
                .and_then(|start| line[start..].find(')').map(|end| start + end + 1));
            let at = at.unwrap_or_else(|| line.find(' ').unwrap_or(line.len()));
            line.insert_str(at, &self.who(event));
            for alias in orgs {
                line = line.replace(org_id(&self.world, alias).as_str(), alias);
            }
            line
        };
        self.events().iter().map(line).collect()
    }

    fn who(&self, event: &Value) -> String {
        let user = event["userId"].as_str().map(|id| {
            let body = self.world.get(&format!("{TRAVEL0}/users/{id}"), &admin(&self.world)).json();
            format!(" of {}", body["username"].as_str().unwrap())
        });
        let client = event["clientId"].as_str().map(|id| match uuid::Uuid::parse_str(id) {
            Ok(_) => " at a registered client".to_owned(),
            Err(_) => format!(" at {id}"),
        });
        let session = event["sessionId"].as_str().map(|_| " in a session".to_owned());
        [user, client, session].into_iter().flatten().collect()
    }
}

/// A way through a route.
struct Way {
    method: Method,
    path: &'static str,
    go: fn(&Heard),
    lived: &'static [&'static str],
}

const fn way(
    method: Method,
    path: &'static str,
    go: fn(&Heard),
    lived: &'static [&'static str],
) -> Way {
    Way { method, path, go, lived }
}

/// Routes that anybody may call and that change nothing.
const READS: &[(Method, &str)] = &[
    (Method::GET, "/realms/{realm}"),
    (Method::GET, "/realms/{realm}/.well-known/openid-configuration"),
    (Method::GET, "/realms/{realm}/.well-known/oauth-authorization-server"),
    (Method::GET, "/.well-known/oauth-authorization-server/realms/{realm}"),
    // What a client leaves for a minute is told when somebody signs in with it.
    (Method::POST, "/realms/{realm}/protocol/openid-connect/ext/par/request"),
    // A page, and what it says in the end.
    (Method::GET, "/realms/{realm}/device"),
    (Method::GET, "/realms/{realm}/device/status"),
    (Method::GET, "/realms/{realm}/protocol/openid-connect/certs"),
    (Method::GET, "/realms/{realm}/protocol/openid-connect/userinfo"),
    (Method::POST, "/realms/{realm}/protocol/openid-connect/userinfo"),
    (Method::POST, "/realms/{realm}/protocol/openid-connect/token/introspect"),
    (Method::GET, "/realms/{realm}/protocol/openid-connect/3p-cookies/step1.html"),
    (Method::GET, "/.well-known/oauth-protected-resource/realms/{realm}/{*resource}"),
    (Method::GET, "/.well-known/oauth-protected-resource/admin/realms/{realm}"),
    (Method::GET, "/realms/{realm}/users/active-organization"),
    (Method::GET, "/realms/{realm}/login-actions/invitation"),
];

const AUTH: &str = "/realms/{realm}/protocol/openid-connect/auth";
const TOKEN: &str = "/realms/{realm}/protocol/openid-connect/token";
const DEVICE_AUTH: &str = "/realms/{realm}/protocol/openid-connect/auth/device";
const DEVICE: &str = "/realms/{realm}/device";
const REVOKE: &str = "/realms/{realm}/protocol/openid-connect/revoke";
const LOGOUT: &str = "/realms/{realm}/protocol/openid-connect/logout";
const REGISTRATIONS: &str = "/realms/{realm}/clients-registrations/openid-connect";
const REGISTRATION: &str = "/realms/{realm}/clients-registrations/openid-connect/{client}";
const AUTHENTICATE: &str = "/realms/{realm}/login-actions/authenticate";
const ORGANIZATION: &str = "/realms/{realm}/login-actions/organization";
const CONSENT: &str = "/realms/{realm}/login-actions/consent";
const SELF_REGISTRATION: &str = "/realms/{realm}/login-actions/registration";
const REQUIRED: &str = "/realms/{realm}/login-actions/required-action";
const ACTION: &str = "/realms/{realm}/login-actions/action-token";
const INVITATION: &str = "/realms/{realm}/login-actions/invitation";
const SWITCH: &str = "/realms/{realm}/users/switch-organization";

const LOGIN_OF_HIROKO: &str = "LOGIN of hiroko at travel0-web in a session \
    auth_method=openid-connect redirect_uri=http://localhost:3000/callback username=hiroko";

/// The table.
const WAYS: &[Way] = &[
    // No person does these: they are admin events (client_registration.rs).
    way(
        Method::POST,
        REGISTRATIONS,
        |heard| {
            heard.register(None);
            let path = REGISTRATIONS.replace("{realm}", "travel0");
            assert_eq!(heard.world.post(&path, "no-token", &json!({})).status, 401);
            let nonsense = json!({ "redirect_uris": ["nowhere"] });
            assert_eq!(heard.world.post(&path, &admin(&heard.world), &nonsense).status, 400);
        },
        &[
            "CLIENT_REGISTER at a registered client",
            "CLIENT_REGISTER_ERROR (invalid_token)",
            "CLIENT_REGISTER_ERROR (invalid_client_metadata)",
        ],
    ),
    way(
        Method::GET,
        REGISTRATION,
        |heard| heard.register(Some(&Method::GET)),
        &["CLIENT_REGISTER at a registered client", "CLIENT_INFO at a registered client"],
    ),
    way(
        Method::PUT,
        REGISTRATION,
        |heard| {
            heard.register(Some(&Method::PUT));
            let path =
                REGISTRATION.replace("{realm}", "travel0").replace("{client}", "travel0-web");
            assert_eq!(heard.world.put(&path, "no-token", &json!({})).status, 401);
        },
        &[
            "CLIENT_REGISTER at a registered client",
            "CLIENT_UPDATE at a registered client",
            "CLIENT_UPDATE_ERROR (invalid_token) at travel0-web",
        ],
    ),
    way(
        Method::DELETE,
        REGISTRATION,
        |heard| heard.register(Some(&Method::DELETE)),
        &["CLIENT_REGISTER at a registered client", "CLIENT_DELETE at a registered client"],
    ),
    way(
        Method::POST,
        LOGOUT,
        |heard| {
            let tokens = heard.app().tokens_for("hiroko", "openid");
            heard.forget();
            let token = tokens["refresh_token"].as_str().unwrap();
            for (token, status) in [("forged", 400), (token, 204), (token, 204)] {
                let fields = [
                    ("refresh_token", token),
                    ("client_id", "travel0-web"),
                    ("client_secret", CLIENT_SECRET),
                ];
                let answer = heard.world.post_form(&LOGOUT.replace("{realm}", "travel0"), &fields);
                assert_eq!(answer.status, status, "{answer:?}");
            }
        },
        &[
            "LOGOUT_ERROR (invalid_token) at travel0-web",
            "LOGOUT of hiroko at travel0-web in a session",
        ],
    ),
    way(Method::POST, AUTHENTICATE, sign_in_as_hiroko, &[LOGIN_OF_HIROKO]),
    way(
        Method::POST,
        AUTHENTICATE,
        |heard| {
            let browser = Browser::new(&heard.world);
            let page = heard.app().send(&browser, "openid");
            sign_in(&browser, &page, "hiroko", "not the password");
            sign_in(&browser, &page, "nobody", "not the password");
        },
        &[
            "LOGIN_ERROR (invalid_user_credentials) at travel0-web username=hiroko",
            "LOGIN_ERROR (invalid_user_credentials) at travel0-web username=nobody",
        ],
    ),
    way(
        Method::POST,
        AUTHENTICATE,
        |heard| {
            owe(heard, "VERIFY_EMAIL", false);
            let browser = Browser::new(&heard.world);
            sign_in(&browser, &heard.app().send(&browser, "openid"), "hiroko", PASSWORD);
        },
        &["SEND_VERIFY_EMAIL of hiroko at travel0-web \
           email=hiroko@granite-outpost.example username=hiroko"],
    ),
    way(
        Method::GET,
        AUTH,
        |heard| {
            let (browser, _) = signed_in(&heard.app());
            heard.forget();
            assert_eq!(heard.app().send(&browser, "openid").status, 303);
        },
        &[LOGIN_OF_HIROKO],
    ),
    way(
        Method::POST,
        AUTH,
        |heard| {
            let (browser, _) = signed_in(&heard.app());
            heard.forget();
            let path = heard.app().authorization_path("openid", "");
            let (path, query) = path.split_once('?').unwrap();
            let fields: Vec<(String, String)> =
                url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let fields: Vec<_> = fields.iter().map(|(key, value)| (&**key, &**value)).collect();
            assert_eq!(browser.submit(path, &fields).status, 303);
        },
        &[LOGIN_OF_HIROKO],
    ),
    way(
        Method::POST,
        ORGANIZATION,
        |heard| {
            let (browser, page) = page_of_choices(&heard.world, &heard.app());
            assert!(heard.lines().is_empty(), "not yet: {:?}", heard.lines());
            pick(&browser, &page, "granite-outpost");
        },
        &["LOGIN of emilio at travel0-web in a session auth_method=openid-connect \
           redirect_uri=http://localhost:3000/callback username=emilio"],
    ),
    way(
        Method::POST,
        CONSENT,
        |heard| crate::consents::hiroko_agrees(&heard.world),
        &["GRANT_CONSENT of hiroko at travel0-web consent=consent_granted", LOGIN_OF_HIROKO],
    ),
    way(
        Method::POST,
        SELF_REGISTRATION,
        |heard| {
            self_registration::allow(&heard.world);
            for (email, password) in [(MARTA, NEW), (HIROKO, NEW), (MARTA, "short")] {
                let browser = Browser::new(&heard.world);
                let page = self_registration::page(&browser, &heard.app());
                assert_eq!(
                    self_registration::fill_in(&browser, &page, email, password).status,
                    200
                );
            }
        },
        &[
            "REGISTER of marta@freelance.example at travel0-web email=marta@freelance.example \
             register_method=form username=marta@freelance.example",
            "SEND_VERIFY_EMAIL of marta@freelance.example at travel0-web \
             email=marta@freelance.example username=marta@freelance.example",
            "REGISTER_ERROR (email_in_use) at travel0-web email=hiroko@granite-outpost.example \
             register_method=form username=hiroko@granite-outpost.example",
            "REGISTER_ERROR (invalid_registration) at travel0-web email=marta@freelance.example \
             register_method=form username=marta@freelance.example",
        ],
    ),
    way(
        Method::POST,
        REQUIRED,
        |heard| {
            temporary(&heard.world);
            let browser = Browser::new(&heard.world);
            let login = heard.app().send(&browser, "openid");
            let page = sign_in(&browser, &login, "hiroko", "for the moment");
            assert!(heard.lines().is_empty(), "not yet: {:?}", heard.lines());
            assert_eq!(choose(&browser, &page, NEW, NEW).status, 303);
        },
        &["UPDATE_PASSWORD of hiroko in a session", LOGIN_OF_HIROKO],
    ),
    way(
        Method::POST,
        TOKEN,
        |heard| {
            let code = heard.app().code_for("hiroko", "openid");
            heard.forget();
            heard.app().redeem(&code);
            heard.app().redeem(&code);
            heard.app().redeem("garbage");
        },
        &[
            "CODE_TO_TOKEN of hiroko at travel0-web in a session grant_type=authorization_code",
            "CODE_TO_TOKEN_ERROR (invalid_code) at travel0-web grant_type=authorization_code",
            "CODE_TO_TOKEN_ERROR (invalid_code) at travel0-web grant_type=authorization_code",
        ],
    ),
    way(
        Method::POST,
        TOKEN,
        |heard| {
            let tokens = heard.app().tokens_for("hiroko", "openid");
            heard.forget();
            heard.app().refresh(tokens["refresh_token"].as_str().unwrap());
            heard.app().refresh(tokens["refresh_token"].as_str().unwrap());
        },
        &[
            "REFRESH_TOKEN of hiroko at travel0-web in a session grant_type=refresh_token",
            "REFRESH_TOKEN_ERROR (invalid_token) at travel0-web grant_type=refresh_token",
        ],
    ),
    way(
        Method::POST,
        TOKEN,
        |heard| {
            for secret in [CLIENT_SECRET, SECRET] {
                speak_for_itself(heard, "travel0-machine", secret);
            }
            speak_for_itself(heard, "nobody", SECRET);
            // It may not.
            speak_for_itself(heard, "travel0-web", CLIENT_SECRET);
        },
        &[
            "CLIENT_LOGIN of service-account-travel0-machine at travel0-machine \
             grant_type=client_credentials",
            "CLIENT_LOGIN_ERROR (invalid_client_credentials) at travel0-machine \
             grant_type=client_credentials",
            "CLIENT_LOGIN_ERROR (client_not_found) at nobody grant_type=client_credentials",
            "CLIENT_LOGIN_ERROR (unauthorized_client) at travel0-web grant_type=client_credentials",
        ],
    ),
    way(
        Method::POST,
        TOKEN,
        |heard| {
            for password in [PASSWORD, "not the password"] {
                let fields = [
                    ("grant_type", "password"),
                    ("client_id", "admin-cli"),
                    ("username", "hiroko"),
                    ("password", password),
                ];
                heard.world.post_form(&token_path(), &fields);
            }
        },
        &[
            "LOGIN of hiroko at admin-cli in a session grant_type=password username=hiroko",
            "LOGIN_ERROR (invalid_user_credentials) at admin-cli grant_type=password username=hiroko",
        ],
    ),
    way(
        Method::POST,
        DEVICE_AUTH,
        |heard| {
            with_devices(heard);
            Device::new(&heard.world, "openid");
            ask(&RelyingParty::spa(&heard.world), &[("scope", "\"")]);
            ask(&heard.app(), &[]);
            ask(&RelyingParty { secret: Some("wrong"), ..heard.app() }, &[]);
            ask(&RelyingParty { client_id: "nobody", ..heard.app() }, &[]);
        },
        &[
            "OAUTH2_DEVICE_AUTH at travel0-spa",
            "OAUTH2_DEVICE_AUTH_ERROR (invalid_request) at travel0-spa",
            "OAUTH2_DEVICE_AUTH_ERROR (not_allowed) at travel0-web",
            "OAUTH2_DEVICE_AUTH_ERROR (invalid_client_credentials) at travel0-web",
            "OAUTH2_DEVICE_AUTH_ERROR (client_not_found) at nobody",
        ],
    ),
    way(
        Method::POST,
        DEVICE,
        |heard| {
            with_devices(heard);
            let (browser, _) = signed_in(&heard.app());
            let device = Device::new(&heard.world, "openid");
            heard.forget();
            let question = type_code(&browser, device.user_code());
            device_setup::answer(&browser, &question, "cancel");
            for _ in 0..10 {
                type_code(&browser, device.user_code());
            }
        },
        &[
            "OAUTH2_DEVICE_VERIFY_USER_CODE of hiroko at travel0-spa in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (rejected_by_user) of hiroko at travel0-spa in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (invalid_oauth2_user_code) of hiroko in a session",
            "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR (user_temporarily_disabled) of hiroko in a session",
        ],
    ),
    way(
        Method::POST,
        CONSENT,
        |heard| {
            with_devices(heard);
            let device = Device::new(&heard.world, "openid");
            heard.forget();
            device.approved_by("hiroko");
        },
        &[
            "OAUTH2_DEVICE_VERIFY_USER_CODE of hiroko at travel0-spa in a session",
            "GRANT_CONSENT of hiroko at travel0-spa consent=consent_granted",
            "LOGIN of hiroko at travel0-spa in a session auth_method=openid-connect username=hiroko",
        ],
    ),
    way(
        Method::POST,
        AUTHENTICATE,
        |heard| {
            with_devices(heard);
            let browser = Browser::new(&heard.world);
            let login = type_code(&browser, "WDJB-MJHT");
            sign_in(&browser, &login, "hiroko", "not the password");
        },
        &["LOGIN_ERROR (invalid_user_credentials) username=hiroko"],
    ),
    way(
        Method::POST,
        TOKEN,
        |heard| {
            with_devices(heard);
            let [device, denied, late] = [(); 3].map(|()| Device::new(&heard.world, "openid"));
            device.approved_by("hiroko");
            let (browser, question) = denied.signed_in("hiroko");
            device_setup::answer(&browser, &question, "cancel");
            heard.forget();
            // Nothing has happened yet.
            late.poll();
            late.poll();
            for one in [&device, &device, &denied] {
                one.poll();
            }
            heard.world.advance(Seconds(600));
            late.poll();
        },
        &[
            "OAUTH2_DEVICE_CODE_TO_TOKEN of hiroko at travel0-spa in a session \
             grant_type=urn:ietf:params:oauth:grant-type:device_code",
            "OAUTH2_DEVICE_CODE_TO_TOKEN_ERROR (invalid_oauth2_device_code) at travel0-spa \
             grant_type=urn:ietf:params:oauth:grant-type:device_code",
            "OAUTH2_DEVICE_CODE_TO_TOKEN_ERROR (access_denied) at travel0-spa \
             grant_type=urn:ietf:params:oauth:grant-type:device_code",
            "OAUTH2_DEVICE_CODE_TO_TOKEN_ERROR (expired_oauth2_device_code) at travel0-spa \
             grant_type=urn:ietf:params:oauth:grant-type:device_code",
        ],
    ),
    way(
        Method::POST,
        REVOKE,
        |heard| {
            let tokens = heard.app().tokens_for("hiroko", "openid");
            heard.forget();
            let give_back = |client_id: &str, name: &str| {
                let token = tokens[name].as_str().unwrap();
                post_as(&heard.world, token_setup::REVOKE, client_id, &[("token", token)]);
            };
            give_back("travel0-machine", "access_token");
            give_back("travel0-web", "access_token");
            give_back("travel0-web", "refresh_token");
            let garbage = [("token", "garbage")];
            post_as(&heard.world, token_setup::REVOKE, "travel0-web", &garbage);
        },
        &[
            "REVOKE_GRANT_ERROR (invalid_token) at travel0-machine",
            "REVOKE_GRANT of hiroko at travel0-web in a session",
            "REVOKE_GRANT of hiroko at travel0-web in a session",
        ],
    ),
    way(
        Method::PUT,
        SWITCH,
        |heard| {
            let tokens = switch_organization::sign_in(&heard.world, "emilio", "openid");
            heard.forget();
            let first = switch(&heard.world, access(&tokens), "rocky-mountain").json();
            switch(&heard.world, access(&first), "granite-outpost");
            switch(&heard.world, access(&first), "adventurez");
        },
        &[
            "UPDATE_PROFILE of emilio at travel0-web in a session \
             new_active_organization_id=rocky-mountain",
            "UPDATE_PROFILE of emilio at travel0-web in a session \
             new_active_organization_id=granite-outpost previous_active_organization_id=rocky-mountain",
        ],
    ),
    way(
        Method::GET,
        LOGOUT,
        |heard| {
            let (browser, tokens) = signed_in(&heard.app());
            heard.forget();
            let hint = tokens["id_token"].as_str().unwrap();
            log_out(
                &browser,
                &[("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example")],
            );
            log_out(&browser, &[("id_token_hint", "garbage")]);
            let back = heard.app().redirect_uri;
            log_out(&browser, &[("id_token_hint", hint), ("post_logout_redirect_uri", back)]);
            // Whoever is out already is told of no more.
            log_out(&browser, &[("id_token_hint", hint)]);
        },
        &[
            "LOGOUT_ERROR (invalid_redirect_uri)",
            "LOGOUT_ERROR (invalid_token)",
            "LOGOUT of hiroko at travel0-web in a session redirect_uri=http://localhost:3000/callback",
        ],
    ),
    way(
        Method::POST,
        LOGOUT,
        |heard| {
            let (browser, _) = signed_in(&heard.app());
            heard.forget();
            let page = log_out(&browser, &[]);
            browser.submit(&page.action(), &[("csrf", &page.field("csrf"))]);
        },
        &["LOGOUT of hiroko in a session"],
    ),
    way(
        Method::POST,
        ACTION,
        |heard| {
            let asked = json!(["UPDATE_PASSWORD"]);
            admin_actions::ask(&heard.world, "hiroko", "execute-actions-email", &asked);
            let browser = Browser::new(&heard.world);
            let page = browser.open(&admin_actions::link(&heard.world));
            assert_eq!(choose(&browser, &page, NEW, NEW).status, 200);
        },
        &["UPDATE_PASSWORD of hiroko", "EXECUTE_ACTION_TOKEN of hiroko"],
    ),
    way(
        Method::POST,
        ACTION,
        |heard| {
            admin_actions::ask(&heard.world, "hiroko", "send-verify-email", &json!({}));
            let browser = Browser::new(&heard.world);
            let page = browser.open(&admin_actions::link(&heard.world));
            let (key, csrf) = (page.field("key"), page.field("csrf"));
            let done = browser.submit(&page.action(), &[("key", &key), ("csrf", &csrf)]);
            assert_eq!(done.status, 200, "{done:?}");
        },
        &["VERIFY_EMAIL of hiroko", "EXECUTE_ACTION_TOKEN of hiroko"],
    ),
    way(
        Method::GET,
        ACTION,
        |heard| {
            make_administrator_of_granite(heard);
            let fields = json!({ "userId": user(&heard.world, "hiroko").unwrap().id.as_str() });
            let fields = [("userId", fields["userId"].as_str().unwrap())];
            let org = format!("/realms/travel0/orgs/{}", org_id(&heard.world, "granite-outpost"));
            let link = portal_link::ask(&heard.world, &org, &admin(&heard.world), &fields).json();
            let opened = Browser::new(&heard.world).open(link["link"].as_str().unwrap());
            assert_eq!(opened.status, 303, "{opened:?}");
        },
        &["EXECUTE_ACTION_TOKEN of hiroko at idp-wizard in a session org_id=granite-outpost"],
    ),
    way(
        Method::POST,
        INVITATION,
        |heard| {
            let link = invited(heard, MARTA);
            let browser = Browser::new(&heard.world);
            let joined = accept(&browser, &browser.open(&link));
            assert_eq!(joined.status, 200, "{joined:?}");
        },
        &[
            "REGISTER of marta@freelance.example email=marta@freelance.example \
             register_method=form username=marta@freelance.example",
            "LOGIN of marta@freelance.example in a session",
            "CUSTOM_REQUIRED_ACTION of marta@freelance.example invitation_id=* org_id=rocky-mountain",
            "INVITE_ORG of marta@freelance.example org_id=rocky-mountain username=marta@freelance.example",
        ],
    ),
    way(
        Method::POST,
        INVITATION,
        |heard| {
            let link = invited(heard, HIROKO);
            let browser = Browser::new(&heard.world);
            let page = browser.open(&link);
            browser.send(with_password(&page, "not the password"));
            browser.send(with_password(&page, PASSWORD));
        },
        &[
            "LOGIN_ERROR (invalid_user_credentials) of hiroko username=hiroko",
            "LOGIN of hiroko in a session",
            "CUSTOM_REQUIRED_ACTION of hiroko invitation_id=* org_id=rocky-mountain",
            "INVITE_ORG of hiroko org_id=rocky-mountain username=hiroko",
        ],
    ),
    way(
        Method::POST,
        INVITATION,
        |heard| {
            let link = invited(heard, HIROKO);
            owe(heard, "VERIFY_EMAIL", false);
            let browser = Browser::new(&heard.world);
            let page = browser.open(&link);
            browser.send(with_password(&page, PASSWORD));
        },
        &[
            "VERIFY_EMAIL of hiroko email=hiroko@granite-outpost.example",
            "LOGIN of hiroko in a session",
            "CUSTOM_REQUIRED_ACTION of hiroko invitation_id=* org_id=rocky-mountain",
            "INVITE_ORG of hiroko org_id=rocky-mountain username=hiroko",
        ],
    ),
    way(
        Method::POST,
        INVITATION,
        |heard| {
            let (browser, _) = signed_in(&heard.app());
            let link = invited(heard, HIROKO);
            let page = browser.open(&link);
            let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
            browser.send(form_request(&page.action(), &[("ticket", &ticket), ("csrf", &csrf)]));
        },
        &[
            "CUSTOM_REQUIRED_ACTION of hiroko invitation_id=* org_id=rocky-mountain",
            "INVITE_ORG of hiroko org_id=rocky-mountain username=hiroko",
        ],
    ),
];

fn sign_in_as_hiroko(heard: &Heard) {
    heard.app().code_for("hiroko", "openid");
}

/// Hiroko owes an action, and her address is verified or not.
/// Lets the public client be used on devices.
fn with_devices(heard: &Heard) {
    device_setup::allow(&heard.world, "travel0-spa", "true");
    heard.forget();
}

fn owe(heard: &Heard, action: &str, verified: bool) {
    let id = user(&heard.world, "hiroko").unwrap().id;
    let body = json!({ "requiredActions": [action], "emailVerified": verified });
    let path = format!("{TRAVEL0}/users/{id}");
    assert_eq!(heard.world.put(&path, &admin(&heard.world), &body).status, 204);
}

fn speak_for_itself(heard: &Heard, client_id: &str, secret: &str) {
    let fields =
        [("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", secret)];
    heard.world.post_form(&token_path(), &fields);
}

fn make_administrator_of_granite(heard: &Heard) {
    let roles: Vec<Value> =
        guildhall::org::role::BuiltIn::names().map(|name| json!({ "name": name })).collect();
    let id = user(&heard.world, "hiroko").unwrap().id;
    let org = org_id(&heard.world, "granite-outpost");
    let path = format!("/realms/travel0/users/{id}/orgs/{org}/roles");
    assert_eq!(heard.world.put(&path, &admin(&heard.world), &json!(roles)).status, 207);
}

/// The link of a fresh invitation.
fn invited(heard: &Heard, email: &str) -> String {
    assert_eq!(invite(&heard.world, email).status, 201);
    let link = invitations::link(&heard.world);
    heard.forget();
    link
}

/// Invitations have ids that no test knows.
fn without_ids(line: &str) -> String {
    let start = "invitation_id=";
    match line.split_once(start) {
        None => line.to_owned(),
        Some((before, after)) => {
            let rest = after.split_once(' ').map_or("", |(_, rest)| rest);
            format!("{before}{start}* {rest}")
        }
    }
}

#[test]
fn every_way_leaves_its_events() {
    for way in WAYS {
        let heard = Heard::of(travel0());
        (way.go)(&heard);
        let lines: Vec<String> = heard.lines().iter().map(|line| without_ids(line)).collect();
        assert_eq!(lines, way.lived, "{} {}", way.method, way.path);
        let all = json!(heard.events()).to_string();
        for secret in [SECRET, PASSWORD, CLIENT_SECRET, NEW, "eyJ"] {
            assert!(!all.contains(secret), "{} {}: {all}", way.method, way.path);
        }
    }
}

#[test]
fn every_route_for_everybody_has_a_row() {
    for route in routes::table() {
        let Door::Open(_) = route.handler else { continue };
        let is_way = |way: &&Way| way.method == route.method && way.path == route.path;
        let has_row = WAYS.iter().any(|way| is_way(&way));
        let is_read = READS.contains(&(route.method.clone(), route.path));
        assert!(has_row != is_read, "{} {}: what does it leave behind?", route.method, route.path);
    }
}

#[test]
fn a_first_password_is_told_of() {
    let heard = Heard::of(pushed_and_invited());
    let link = invitations::link(&heard.world);
    heard.forget();
    let browser = Browser::new(&heard.world);
    let page = browser.open(&link);
    assert_eq!(browser.send(with_password(&page, NEW)).status, 200);
    let lines: Vec<String> = heard.lines().iter().map(|line| without_ids(line)).collect();
    let expected = [
        "UPDATE_PASSWORD of marta@freelance.example",
        "VERIFY_EMAIL of marta@freelance.example email=marta@freelance.example",
        "LOGIN of marta@freelance.example in a session",
        "CUSTOM_REQUIRED_ACTION of marta@freelance.example invitation_id=* org_id=rocky-mountain",
        "INVITE_ORG of marta@freelance.example org_id=rocky-mountain username=marta@freelance.example",
    ];
    assert_eq!(lines, expected);
}

/// Phase Two's event names the caller; ours names whose organization it was.
#[test]
fn who_is_removed_from_their_active_organization_is_told_of() {
    let heard = Heard::of(travel0());
    let world = &heard.world;
    let remove = |alias: &str| {
        let id = user(world, "emilio").unwrap().id;
        let path = format!("/realms/travel0/orgs/{}/members/{id}", org_id(world, alias));
        assert_eq!(world.delete(&path, &admin(world)).status, 204);
    };
    let tokens = switch_organization::sign_in(world, "emilio", "openid");
    switch(world, access(&tokens), "rocky-mountain");
    heard.forget();

    remove("granite-outpost");
    assert_eq!(heard.lines(), [""; 0], "it was not active");
    remove("rocky-mountain");

    let line =
        "UPDATE_PROFILE of emilio at admin-cli removed_active_organization_id=rocky-mountain";
    assert_eq!(heard.lines(), [line]);
}

#[test]
fn an_event_says_from_where_and_how_long_a_name_may_be() {
    let heard = Heard::of(travel0());
    let long = "x".repeat(10_000);
    let fields = [
        ("grant_type", "password"),
        ("client_id", long.as_str()),
        ("username", long.as_str()),
        ("password", PASSWORD),
    ];
    let mut request = form_request(&token_path(), &fields);
    request.headers_mut().insert("cf-connecting-ip", ADDRESS.parse().unwrap());
    heard.world.send(request);

    let events = heard.events();
    assert_eq!(events[0]["ipAddress"], ADDRESS);
    assert_eq!(events[0]["clientId"].as_str().unwrap().len(), 255);
    assert_eq!(events[0]["realmId"], heard.world.get(TRAVEL0, &admin(&heard.world)).json()["id"]);
}

/// Keycloak names a caller's client by its key; both are taken for the filter.
#[test]
fn the_client_of_an_administrator_is_named_by_its_key() {
    let world = travel0();
    world.put(&format!("{TRAVEL0}/events/config"), &admin(&world), &json!({}));
    let key = client_uuid(&world, MASTER, "admin-cli");
    for asked in [key.as_str(), "admin-cli"] {
        let list = format!("{TRAVEL0}/admin-events?authClient={asked}&resourcePath=events/config");
        let found = world.get(&list, &admin(&world)).json();
        assert_eq!(found[0]["authDetails"]["clientId"], key.as_str(), "{asked}");
    }
    let sub = claims_of(&json!(admin(&world)))["sub"].clone();
    let found = world.get(&format!("{TRAVEL0}/admin-events?max=1"), &admin(&world)).json();
    assert_eq!(found[0]["authDetails"]["userId"], sub);
}
