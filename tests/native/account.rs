//! The account's object: what happens once, and what a crash leaves.
use crate::harness::relying_party::{CHALLENGE, VERIFIER};
use crate::harness::world::World;
use guildhall::account::alarm::CODE_MEMORY;
use guildhall::account::code::{CODE_LIFETIME, CodeGrant, CodeRefusal};
use guildhall::account::code_issue::{IssueCode, Issued};
use guildhall::account::code_redeem::{RedeemCode, Redeemed};
use guildhall::account::family::{NewFamily, RotateRefusal, Span};
use guildhall::account::family_rotate::{RotateFamily, Rotated};
use guildhall::account::grant::{self, Granted};
use guildhall::account::lockout::LockoutRule;
use guildhall::account::login::{Login, LoginAnswer};
use guildhall::account::password_awaits::AwaitsPassword;
use guildhall::account::password_set_first::{FirstPassword, SetFirstPassword};
use guildhall::account::register::{NewUser, RegisterError, register};
use guildhall::account::session::NewSession;
use guildhall::account::session_end::EndSession;
use guildhall::account::session_find::FindSession;
use guildhall::account::session_rule::SessionRule;
use guildhall::account::session_start::StartSession;
use guildhall::account::stage::CONFIRM_AFTER;
use guildhall::crypto::password::{HASH_BYTES, LANES, MAX_PASSWORD_BYTES, MEMORY_KIB, PASSES};
use guildhall::crypto::token::TokenHash;
use guildhall::kernel::id::{RealmName, UserId};
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::secret::Secret;
use guildhall::kernel::time::{Seconds, Timestamp};
use guildhall::platform::object::{Call, ask};
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::bootstrap::{NewRealm, ensure_realm};
use guildhall::realm::context::RealmContext;
use guildhall::realm::settings::Settings;
use guildhall::realm::store::user;
use guildhall::realm::user::User;
use std::rc::Rc;

const IDLE: Seconds = Seconds::minutes(30);
const RULE: SessionRule = SessionRule { idle: IDLE, not_before: Timestamp::from_unix(0) };
const LIFE: Seconds = Seconds::hours(10);
const REDIRECT: &str = "https://app.example/cb";
const PASSWORD: &str = "correct horse";

/// A realm of its own, in a world of its own.
struct Bench {
    world: World,
    realm: Rc<guildhall::realm::settings::Realm>,
}

/// What a person grants the app in their session.
fn grant_in(session: &NewSession) -> CodeGrant {
    CodeGrant {
        granted: Granted {
            client_id: "app".to_owned(),
            scope: "openid".to_owned(),
            orgs: Vec::new(),
            authenticated_at: session.authenticated_at,
            terms: grant::Terms::default(),
        },
        redirect_uri: REDIRECT.to_owned(),
        code_challenge: Some(CHALLENGE.to_owned()),
        nonce: None,
        dpop_jkt: None,
    }
}

impl Bench {
    fn new() -> Self {
        let world = World::new();
        let name: RealmName = "acme".parse().unwrap();
        let new = NewRealm { name: &name, display_name: "Acme", settings: Settings::default() };
        let realm = world.run(ensure_realm(&world.app().ports, new, world.now())).unwrap();
        Self { realm: Rc::new(realm), world }
    }

    fn context(&self) -> RealmContext<'_> {
        let app = self.world.app();
        RealmContext {
            ip: None,
            ports: &app.ports,
            keyring: &app.keyring,
            public_url: &app.config.public_url,
            now: self.world.now(),
            realm: Rc::clone(&self.realm),
        }
    }

    fn register(&self, new: NewUser) -> Result<User, RegisterError> {
        self.world.run(register(&self.context(), new))
    }

    fn object(&self, user: &UserId) -> ObjectName {
        ObjectName::Account(self.realm.id.clone(), user.clone())
    }

    fn ask<C: Call>(&self, user: &UserId, question: &C) -> C::Answer {
        let objects = &*self.world.app().ports.objects;
        self.world.run(ask(objects, &self.object(user), question)).unwrap()
    }

    fn finds(&self, user: &UserId) -> bool {
        let directory = self.world.directory();
        self.world.run(user::find(directory, &self.realm.id, user)).unwrap().is_some()
    }

    fn log_in(&self, user: &UserId, password: &str) -> Option<NewSession> {
        let question = Login {
            password: Secret::new(password),
            lockout: LockoutRule {
                max_failures: 3,
                lasts: Seconds::minutes(15),
                forgotten_at: Timestamp::from_unix(0),
            },
            ip: None,
            session_life: LIFE,
            rule: RULE,
            client_id: None,
        };
        match self.ask(user, &question) {
            LoginAnswer::LoggedIn(session) => Some(session),
            LoginAnswer::Refused => None,
        }
    }

    fn set_first_password(&self, user: &UserId, password: &str) -> FirstPassword {
        self.ask(user, &SetFirstPassword { password: Secret::new(password) })
    }

    fn is_live(&self, user: &UserId, session: &NewSession, secret: &str) -> bool {
        let session = session.id.clone();
        let question = FindSession { session, secret: Secret::new(secret), rule: RULE };
        self.ask(user, &question).is_some()
    }

    /// A person with a session and the code `c1`.
    fn with_code() -> (Self, UserId, NewSession) {
        let bench = Self::new();
        let ann = bench.register(new_user("ann")).unwrap().id;
        let session = bench.ask(&ann, &StartSession { life: LIFE, rule: RULE, ip: None }).unwrap();
        assert_eq!(bench.issue(&ann, &session, "c1"), Issued::Issued);
        (bench, ann, session)
    }

    fn issue(&self, user: &UserId, session: &NewSession, code: &str) -> Issued {
        let grant = grant_in(session);
        let session = session.id.clone();
        self.ask(
            user,
            &IssueCode { session, rule: RULE, hash: TokenHash::of(code), grant, expires_at: None },
        )
    }

    fn refusal(&self, user: &UserId, question: &RedeemCode) -> Option<CodeRefusal> {
        match self.ask(user, question) {
            Redeemed::Granted { .. } => None,
            Redeemed::Refused(refusal) => Some(refusal),
        }
    }

    fn rotate(&self, user: &UserId, (old, new): (&str, &str)) -> Option<RotateRefusal> {
        self.rotate_as("app", user, (old, new))
    }

    fn rotate_as(
        &self,
        client_id: &str,
        user: &UserId,
        (old, new): (&str, &str),
    ) -> Option<RotateRefusal> {
        let question = RotateFamily {
            family: "f1".parse().unwrap(),
            client_id: client_id.to_owned(),
            presented: TokenHash::of(old),
            next: TokenHash::of(new),
            rule: RULE,
            unused: IDLE,
            grace: Seconds(0),
            jkt: None,
        };
        match self.ask(user, &question) {
            Rotated::Rotated { .. } => None,
            Rotated::Refused(refusal) => Some(refusal),
        }
    }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        id: None,
        username: name.parse().unwrap(),
        email: Some(format!("{name}@acme.example").parse().unwrap()),
        email_verified: true,
        first_name: None,
        last_name: None,
        password: Some(Secret::new(PASSWORD).into()),
        home_org: None,
    }
}

fn new_family(id: &str, token: &str) -> NewFamily {
    let (id, token) = (id.parse().unwrap(), TokenHash::of(token));
    NewFamily { id, token, span: Span::default(), jkt: None }
}

/// The redemption of `c1` by its owner, which starts family `f1` with `r1`.
fn redemption() -> RedeemCode {
    RedeemCode {
        hash: TokenHash::of("c1"),
        client_id: "app".to_owned(),
        redirect_uri: REDIRECT.to_owned(),
        code_verifier: Some(Secret::new(VERIFIER)),
        jkt: None,
        family: Some(new_family("f1", "r1")),
        offline_family: None,
        token_life: Seconds::minutes(5),
        rule: RULE,
    }
}

#[test]
fn of_fifty_redemptions_of_a_code_one_wins() {
    let (bench, ann, _) = Bench::with_code();
    let redemptions: Vec<_> = (0..50)
        .map(|number| {
            let family = new_family(&format!("f{number}"), &format!("r{number}"));
            RedeemCode { family: Some(family), ..redemption() }
        })
        .collect();
    let objects = &*bench.world.app().ports.objects;
    let object = bench.object(&ann);
    let all = redemptions.iter().map(|asked| ask(objects, &object, asked));

    let answers = bench.world.run(futures::future::join_all(all));

    let granted = answers.iter().filter(|answer| matches!(answer, Ok(Redeemed::Granted { .. })));
    assert_eq!(granted.count(), 1);
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Redeemed::Refused(CodeRefusal::AlreadyRedeemed))));
    assert_eq!(refused.count(), 49);
}

#[test]
fn a_code_that_fails_a_check_stays_its_owners() {
    let wrong = [
        (CodeRefusal::WrongClient, RedeemCode { client_id: "thief".to_owned(), ..redemption() }),
        (
            CodeRefusal::RedirectMismatch,
            RedeemCode { redirect_uri: format!("{REDIRECT}/"), ..redemption() },
        ),
        (
            CodeRefusal::PkceMismatch,
            RedeemCode { code_verifier: Some(Secret::new("x".repeat(43))), ..redemption() },
        ),
        (CodeRefusal::PkceMismatch, RedeemCode { code_verifier: None, ..redemption() }),
        (CodeRefusal::Unknown, RedeemCode { hash: TokenHash::of("c2"), ..redemption() }),
    ];
    let (bench, ann, _) = Bench::with_code();
    for (refusal, question) in wrong {
        assert_eq!(bench.refusal(&ann, &question), Some(refusal));
    }
    assert_eq!(bench.refusal(&ann, &redemption()), None);
}

#[test]
fn a_code_works_until_its_last_second() {
    for (age, refusal) in
        [(CODE_LIFETIME.0 - 1, None), (CODE_LIFETIME.0, Some(CodeRefusal::Expired))]
    {
        let (bench, ann, _) = Bench::with_code();
        bench.world.advance(Seconds(age));
        assert_eq!(bench.refusal(&ann, &redemption()), refusal, "after {age} seconds");
    }
}

#[test]
fn a_code_dies_with_its_session() {
    let (bench, ann, session) = Bench::with_code();
    bench.ask(&ann, &EndSession { session: session.id.clone() });
    assert_eq!(bench.refusal(&ann, &redemption()), Some(CodeRefusal::SessionEnded));
    assert_eq!(bench.issue(&ann, &session, "c2"), Issued::SessionEnded);
}

/// RFC 6749 §4.1.2: two parties have it.
#[test]
fn a_code_that_comes_back_ends_what_it_started() {
    let (bench, ann, _) = Bench::with_code();
    assert_eq!(bench.refusal(&ann, &redemption()), None);
    assert_eq!(bench.rotate(&ann, ("r1", "r2")), None);

    let replayed = bench.refusal(&ann, &redemption());

    assert_eq!(replayed, Some(CodeRefusal::AlreadyRedeemed));
    assert_eq!(bench.rotate(&ann, ("r2", "r3")), Some(RotateRefusal::Ended));
}

#[test]
fn a_stranger_with_a_used_code_ends_nothing() {
    let (bench, ann, _) = Bench::with_code();
    assert_eq!(bench.refusal(&ann, &redemption()), None);

    let stranger = RedeemCode { client_id: "thief".to_owned(), ..redemption() };

    assert_eq!(bench.refusal(&ann, &stranger), Some(CodeRefusal::WrongClient));
    assert_eq!(bench.rotate(&ann, ("r1", "r2")), None);
}

/// RFC 9700 §4.14.2.
#[test]
fn a_refresh_token_that_comes_back_ends_the_chain() {
    let (bench, ann, _) = Bench::with_code();
    bench.refusal(&ann, &redemption());
    assert_eq!(bench.rotate(&ann, ("r1", "r2")), None);
    assert_eq!(bench.rotate(&ann, ("r1", "r2x")), Some(RotateRefusal::Reused));
    assert_eq!(bench.rotate(&ann, ("r2", "r3")), Some(RotateRefusal::Ended));
}

#[test]
fn another_client_cannot_use_or_end_a_chain() {
    let (bench, ann, _) = Bench::with_code();
    bench.refusal(&ann, &redemption());
    let stolen = bench.rotate_as("thief", &ann, ("r1", "r2"));
    assert_eq!(stolen, Some(RotateRefusal::WrongClient));
    assert_eq!(bench.rotate(&ann, ("r1", "r2")), None);
}

#[test]
fn a_chain_is_over_when_idle_and_with_its_session() {
    let (bench, ann, _) = Bench::with_code();
    bench.refusal(&ann, &redemption());
    bench.world.advance(Seconds(IDLE.0 - 1));
    assert_eq!(bench.rotate(&ann, ("r1", "r2")), None, "a refresh is a use");
    bench.world.advance(Seconds(IDLE.0 - 1));
    assert_eq!(bench.rotate(&ann, ("r2", "r3")), None, "of the session too");
    bench.world.advance(IDLE);
    assert_eq!(bench.rotate(&ann, ("r3", "r4")), Some(RotateRefusal::Expired));

    let (bench, ann, session) = Bench::with_code();
    bench.refusal(&ann, &redemption());
    bench.ask(&ann, &EndSession { session: session.id });
    assert_eq!(bench.rotate(&ann, ("r1", "r2")), Some(RotateRefusal::Ended));
}

#[test]
fn a_chain_cannot_outlive_its_session() {
    let (bench, ann, session) = Bench::with_code();
    bench.refusal(&ann, &redemption());
    let mut last = "r1".to_owned();
    while bench.world.now() + Seconds(IDLE.0 - 1) < session.expires_at {
        bench.world.advance(Seconds(IDLE.0 - 1));
        let next = format!("r{}", bench.world.now().as_unix());
        assert_eq!(bench.rotate(&ann, (&last, &next)), None);
        last = next;
    }
    let left = session.expires_at.as_unix() - bench.world.now().as_unix();
    bench.world.advance(Seconds(u32::try_from(left).unwrap()));
    assert_eq!(bench.rotate(&ann, (&last, "rx")), Some(RotateRefusal::Expired));
}

#[test]
fn a_session_needs_its_own_secret() {
    let (bench, ann, session) = Bench::with_code();
    let other = bench.ask(&ann, &StartSession { life: LIFE, rule: RULE, ip: None }).unwrap();
    assert!(bench.is_live(&ann, &session, session.secret.expose()));
    assert!(!bench.is_live(&ann, &session, other.secret.expose()));
    assert!(!bench.is_live(&ann, &session, ""));
}

#[test]
fn the_third_failure_locks_and_a_success_forgets() {
    let bench = Bench::new();
    let ann = bench.register(new_user("ann")).unwrap().id;
    for _ in 0..2 {
        assert!(bench.log_in(&ann, "wrong").is_none());
    }
    assert!(bench.log_in(&ann, PASSWORD).is_some());
    for _ in 0..3 {
        assert!(bench.log_in(&ann, "wrong").is_none());
    }
    assert!(bench.log_in(&ann, PASSWORD).is_none());
    bench.world.advance(Seconds::minutes(15));
    assert!(bench.log_in(&ann, PASSWORD).is_some());
}

/// `correct horse` under half of today's memory, as an older version stored it.
fn weak_hash() -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let params = Params::new(MEMORY_KIB / 2, PASSES, LANES, Some(HASH_BYTES)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap().to_string()
}

#[test]
fn a_weak_hash_is_replaced_at_the_next_login() {
    let bench = Bench::new();
    let ann = bench.register(new_user("ann")).unwrap().id;
    let object = bench.object(&ann);
    bench.world.with_object(&object, |sql| {
        let weaken = Statement::new("UPDATE password SET phc = ?").bind(weak_hash());
        sql.run(weaken).unwrap();
    });
    let stored = || {
        bench.world.with_object(&object, |sql| {
            let rows = sql.run(Statement::new("SELECT phc FROM password")).unwrap();
            rows[0].text("phc").unwrap().to_owned()
        })
    };

    assert!(bench.log_in(&ann, "wrong").is_none());
    assert!(stored().contains("m=9728"), "{}", stored());
    assert!(bench.log_in(&ann, PASSWORD).is_some());
    assert!(stored().contains("m=19456"), "{}", stored());
    assert!(bench.log_in(&ann, PASSWORD).is_some());
}

#[test]
fn an_account_without_a_password_refuses_every_password() {
    let bench = Bench::new();
    let ann = bench.register(NewUser { password: None, ..new_user("ann") }).unwrap().id;
    for password in ["", "null", PASSWORD] {
        assert!(bench.log_in(&ann, password).is_none());
    }
}

#[test]
fn names_and_addresses_are_taken_once() {
    let bench = Bench::new();
    let ann = bench.register(new_user("ann")).unwrap();
    let email = Some("other@acme.example".parse().unwrap());
    let again = bench.register(NewUser { email, ..new_user("ann") });
    assert!(matches!(again, Err(RegisterError::UsernameTaken)), "{again:?}");
    let email = NewUser { username: "anna".parse().unwrap(), ..new_user("ann") };
    assert!(matches!(bench.register(email), Err(RegisterError::EmailTaken)));
    let id = NewUser { id: Some(ann.id.clone()), ..new_user("bob") };
    assert!(matches!(bench.register(id), Err(RegisterError::IdTaken)));
    assert!(bench.log_in(&ann.id, PASSWORD).is_some(), "nobody changed her password");
}

#[test]
fn registering_again_with_the_same_id_finishes_what_was_begun() {
    let ann: UserId = "ann-1".parse().unwrap();
    for point in ["account.register.after_object", "account.register.after_directory"] {
        let bench = Bench::new();
        let new = || NewUser { id: Some(ann.clone()), ..new_user("ann") };
        bench.world.crash_in(point, register(&bench.context(), new()));

        assert_eq!(bench.register(new()).unwrap().id, ann, "{point}");

        assert!(bench.log_in(&ann, PASSWORD).is_some(), "{point}");
        bench.world.ring_alarms();
        assert!(bench.log_in(&ann, PASSWORD).is_some(), "{point}");
    }
}

#[test]
fn a_crash_before_the_directory_knows_leaves_nothing() {
    let ann: UserId = "ann-1".parse().unwrap();
    let bench = Bench::new();
    let new = NewUser { id: Some(ann.clone()), ..new_user("ann") };
    bench.world.crash_in("account.register.after_object", register(&bench.context(), new));

    assert!(!bench.finds(&ann));
    assert!(bench.log_in(&ann, PASSWORD).is_none(), "not visible");
    bench.world.ring_alarms();
    assert!(bench.world.is_blank(&bench.object(&ann)));
    bench.register(new_user("ann")).unwrap();
}

#[test]
fn a_crash_after_the_directory_knows_loses_nothing() {
    let ann: UserId = "ann-1".parse().unwrap();
    for rings in [false, true] {
        let bench = Bench::new();
        let new = NewUser { id: Some(ann.clone()), ..new_user("ann") };
        bench.world.crash_in("account.register.after_directory", register(&bench.context(), new));
        if rings {
            bench.world.ring_alarms();
        }
        assert!(bench.log_in(&ann, PASSWORD).is_some(), "alarm first: {rings}");
    }
}

#[test]
fn an_alarm_does_not_delete_an_account_that_is_being_made_again() {
    let ann: UserId = "ann-1".parse().unwrap();
    let bench = Bench::new();
    let new = || NewUser { id: Some(ann.clone()), ..new_user("ann") };
    let point = "account.register.after_object";
    bench.world.crash_in(point, register(&bench.context(), new()));
    bench.world.advance(Seconds(CONFIRM_AFTER.0 - 1));
    bench.world.crash_in(point, register(&bench.context(), new()));

    bench.world.ring_alarms();
    assert!(!bench.world.is_blank(&bench.object(&ann)), "the second try is a second old");
    bench.world.ring_alarms();
    assert!(bench.world.is_blank(&bench.object(&ann)));
}

#[test]
fn what_is_over_is_forgotten_and_the_alarm_falls_silent() {
    let (bench, ann, session) = Bench::with_code();
    bench.refusal(&ann, &redemption());
    let rows = || {
        bench.world.with_object(&bench.object(&ann), |sql| {
            ["SELECT id FROM session", "SELECT id FROM family", "SELECT hash FROM code"]
                .map(|query| sql.run(Statement::new(query)).unwrap().len())
        })
    };
    let past = |end: Timestamp| {
        let left = (end.as_unix() - bench.world.now().as_unix()).max(0);
        bench.world.advance(Seconds(u32::try_from(left).unwrap()));
        bench.world.ring_alarms();
    };
    past(session.authenticated_at + CODE_LIFETIME + CODE_MEMORY - Seconds(1));
    assert_eq!(rows(), [1, 1, 1]);
    past(session.authenticated_at + CODE_LIFETIME + CODE_MEMORY);
    assert_eq!(rows(), [1, 1, 0]);
    past(session.expires_at);
    assert_eq!(rows(), [0, 0, 0]);
    assert!(bench.finds(&ann));
}

#[test]
fn of_two_first_passwords_the_first_stays() {
    let bench = Bench::new();
    let ann = bench.register(NewUser { password: None, ..new_user("ann") }).unwrap().id;
    assert!(bench.ask(&ann, &AwaitsPassword {}));
    assert!(bench.log_in(&ann, PASSWORD).is_none());

    assert_eq!(bench.set_first_password(&ann, PASSWORD), FirstPassword::Set);
    assert_eq!(bench.set_first_password(&ann, "another one"), FirstPassword::NotAwaited);

    assert!(!bench.ask(&ann, &AwaitsPassword {}));
    assert!(bench.log_in(&ann, PASSWORD).is_some());
    assert!(bench.log_in(&ann, "another one").is_none());
}

#[test]
fn a_password_is_never_replaced_by_a_first_one() {
    let bench = Bench::new();
    let ann = bench.register(new_user("ann")).unwrap().id;
    assert_eq!(bench.set_first_password(&ann, "another one"), FirstPassword::NotAwaited);
    assert!(bench.log_in(&ann, PASSWORD).is_some());
}

#[test]
fn a_first_password_that_cannot_be_hashed_is_not_set() {
    let bench = Bench::new();
    let ann = bench.register(NewUser { password: None, ..new_user("ann") }).unwrap().id;
    let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
    assert_eq!(bench.set_first_password(&ann, &long), FirstPassword::TooLong);
    assert!(bench.ask(&ann, &AwaitsPassword {}));
}

/// Nobody may put a password on an account before its person is in the directory.
#[test]
fn a_pending_account_takes_no_first_password() {
    let bench = Bench::new();
    let ann: UserId = "ann-1".parse().unwrap();
    let new = NewUser { id: Some(ann.clone()), password: None, ..new_user("ann") };
    let point = "account.register.after_object";
    bench.world.crash_in(point, register(&bench.context(), new));
    assert!(!bench.ask(&ann, &AwaitsPassword {}));
    assert_eq!(bench.set_first_password(&ann, PASSWORD), FirstPassword::NotAwaited);
}

#[test]
fn asking_an_account_that_is_not_there_does_not_make_it() {
    let bench = Bench::new();
    let nobody: UserId = "nobody".parse().unwrap();
    assert!(bench.log_in(&nobody, PASSWORD).is_none());
    assert!(bench.ask(&nobody, &StartSession { life: LIFE, rule: RULE, ip: None }).is_none());
    assert!(!bench.ask(&nobody, &AwaitsPassword {}));
    assert_eq!(bench.set_first_password(&nobody, PASSWORD), FirstPassword::NotAwaited);
    assert_eq!(bench.refusal(&nobody, &redemption()), Some(CodeRefusal::Unknown));
    assert_eq!(bench.rotate(&nobody, ("a", "b")), Some(RotateRefusal::Unknown));
    assert!(bench.world.is_blank(&bench.object(&nobody)));
}

/// RFC 9449 §10.
#[test]
fn a_code_that_is_bound_to_a_key_needs_it() {
    let bench = Bench::new();
    let ann = bench.register(new_user("ann")).unwrap().id;
    let session = bench.ask(&ann, &StartSession { life: LIFE, rule: RULE, ip: None }).unwrap();
    let grant = CodeGrant { dpop_jkt: Some("key-1".to_owned()), ..grant_in(&session) };
    let issue = IssueCode {
        session: session.id,
        rule: RULE,
        hash: TokenHash::of("c1"),
        grant,
        expires_at: None,
    };
    assert_eq!(bench.ask(&ann, &issue), Issued::Issued);
    let with = |jkt: Option<&str>| RedeemCode { jkt: jkt.map(str::to_owned), ..redemption() };
    assert_eq!(bench.refusal(&ann, &with(None)), Some(CodeRefusal::WrongKey));
    assert_eq!(bench.refusal(&ann, &with(Some("key-2"))), Some(CodeRefusal::WrongKey));
    assert_eq!(bench.refusal(&ann, &with(Some("key-1"))), None);
}

/// RFC 9700 §2.1.1, a PKCE downgrade: an attacker takes the challenge out of the
/// request, and the app sends its verifier all the same.
#[test]
fn a_verifier_is_not_taken_where_there_was_no_challenge() {
    let bench = Bench::new();
    let ann = bench.register(new_user("ann")).unwrap().id;
    let session = bench.ask(&ann, &StartSession { life: LIFE, rule: RULE, ip: None }).unwrap();
    let grant = CodeGrant { code_challenge: None, ..grant_in(&session) };
    let hash = TokenHash::of("c1");
    let issue = IssueCode { session: session.id, rule: RULE, hash, grant, expires_at: None };
    assert_eq!(bench.ask(&ann, &issue), Issued::Issued);
    assert_eq!(bench.refusal(&ann, &redemption()), Some(CodeRefusal::PkceMismatch));
    let without = RedeemCode { code_verifier: None, ..redemption() };
    assert_eq!(bench.refusal(&ann, &without), None);
}
