//! The pages an invited person sees, from the link in the mail to being a
//! member, or to a clear reason why not.
//!
//! Each form posts `ticket` and `csrf` besides the fields its page names.
use crate::web::page::{HOSTILE, Layout, Link, OrgBrand, Page};
use askama::Template;

/// What every page says about the invitation and every form gives back.
#[derive(Clone, Debug)]
pub struct InvitationView {
    /// The realm's display name.
    pub realm_name: String,
    /// Who invites.
    pub org: OrgBrand,
    /// The person who sent the invitation, when it was a person.
    pub inviter_name: Option<String>,
    /// The invited address. Shown, never read back from the form.
    pub email: String,
    /// Where the form goes.
    pub action_url: String,
    /// The sealed ticket of the link.
    pub ticket: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
}

impl InvitationView {
    fn layout(&self, has_problem: bool) -> Layout<'_> {
        Layout::card(format!("Join {}", self.org.name), &self.realm_name)
            .of_org(Some(&self.org))
            .reporting(has_problem)
    }

    fn samples() -> Vec<Self> {
        let view = |org: OrgBrand| Self {
            realm_name: "Travel0".to_owned(),
            inviter_name: Some("Hiroko Sato".to_owned()),
            email: "emilio@freelance.example".to_owned(),
            action_url: "/realms/travel0/invitations/accept".to_owned(),
            ticket: "eyJhbGciOiJIUzI1NiJ9.e30.dGlja2V0".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            org,
        };
        let mut samples: Vec<Self> = OrgBrand::samples().into_iter().map(view).collect();
        samples.extend(samples.first().cloned().map(|sample| Self {
            realm_name: HOSTILE.to_owned(),
            inviter_name: None,
            email: format!("{}@{}.example", "e".repeat(64), "d".repeat(63)),
            ..sample
        }));
        samples.extend(samples.first().cloned().map(|sample| Self {
            inviter_name: Some(HOSTILE.to_owned()),
            email: HOSTILE.to_owned(),
            ..sample
        }));
        samples
    }
}

/// What was wrong with a new person's details, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPersonProblems {
    /// Something no single field is to blame for.
    pub general: Option<String>,
    /// About the first name.
    pub first_name: Option<String>,
    /// About the last name.
    pub last_name: Option<String>,
    /// About the password.
    pub password: Option<String>,
}

impl NewPersonProblems {
    /// Whether there is anything to report.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.general.is_some()
            || self.first_name.is_some()
            || self.last_name.is_some()
            || self.password.is_some()
    }
}

/// Everything `templates/accept_new.html` may show: the invited person has no
/// account yet and makes one.
///
/// The form posts `firstName`, `lastName` and `password`.
#[derive(Template)]
#[template(path = "invitation/templates/accept_new.html")]
pub struct AcceptNewPage {
    /// What the person is invited to.
    pub invitation: InvitationView,
    /// What was typed before, or what the invitation proposes.
    pub first_name: String,
    /// The same for the last name.
    pub last_name: String,
    /// The shortest password the realm takes, in characters.
    pub min_password_chars: usize,
    /// Why the last attempt did not succeed.
    pub problems: NewPersonProblems,
}

impl Page for AcceptNewPage {
    fn layout(&self) -> Layout<'_> {
        self.invitation.layout(self.problems.is_any())
    }
}

impl AcceptNewPage {
    /// Whether the typing starts in `field`: the first that is wrong, else the
    /// first.
    fn starts_at(&self, field: &str) -> bool {
        let Self { problems, .. } = self;
        let first_wrong = [
            ("firstName", &problems.first_name),
            ("lastName", &problems.last_name),
            ("password", &problems.password),
        ]
        .into_iter()
        .find_map(|(name, problem)| problem.as_ref().map(|_| name));
        first_wrong.unwrap_or("firstName") == field
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |invitation| Self {
            invitation,
            first_name: String::new(),
            last_name: String::new(),
            min_password_chars: 12,
            problems: NewPersonProblems::default(),
        };
        let problems = NewPersonProblems {
            general: Some("The organization has no seat left. Ask Hiroko Sato.".to_owned()),
            first_name: Some("Enter your first name.".to_owned()),
            last_name: Some(format!("{HOSTILE} is not a name.")),
            password: Some("The password is shorter than 12 characters.".to_owned()),
        };
        let mut samples: Vec<Self> = InvitationView::samples().into_iter().map(page).collect();
        samples.extend(InvitationView::samples().into_iter().take(1).flat_map(|view| {
            let only_password =
                NewPersonProblems { password: problems.password.clone(), ..Default::default() };
            [
                Self {
                    first_name: "Emilio".to_owned(),
                    problems: only_password,
                    ..page(view.clone())
                },
                Self { last_name: HOSTILE.to_owned(), problems: problems.clone(), ..page(view) },
            ]
        }));
        samples
    }
}

/// Everything `templates/accept_existing.html` may show: the invited address
/// belongs to an account, whose password proves who is there.
///
/// The form posts `password`.
#[derive(Template)]
#[template(path = "invitation/templates/accept_existing.html")]
pub struct AcceptExistingPage {
    /// What the person is invited to.
    pub invitation: InvitationView,
    /// Why the last attempt did not succeed.
    pub problem: Option<String>,
}

impl Page for AcceptExistingPage {
    fn layout(&self) -> Layout<'_> {
        self.invitation.layout(self.problem.is_some())
    }
}

impl AcceptExistingPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |invitation| Self { invitation, problem: None };
        let mut samples: Vec<Self> = InvitationView::samples().into_iter().map(page).collect();
        samples.extend(InvitationView::samples().into_iter().take(1).map(|view| Self {
            problem: Some("That password is not correct.".to_owned()),
            ..page(view)
        }));
        samples
    }
}

/// Everything `templates/accept_password.html` may show: the invited address
/// belongs to an account that was made without a password.
///
/// The form posts `password`.
#[derive(Template)]
#[template(path = "invitation/templates/accept_password.html")]
pub struct AcceptPasswordPage {
    /// What the person is invited to.
    pub invitation: InvitationView,
    /// The shortest password the realm takes, in characters.
    pub min_password_chars: usize,
    /// Why the last attempt did not succeed.
    pub problem: Option<String>,
}

impl Page for AcceptPasswordPage {
    fn layout(&self) -> Layout<'_> {
        self.invitation.layout(self.problem.is_some())
    }
}

impl AcceptPasswordPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |invitation| Self { invitation, min_password_chars: 12, problem: None };
        let mut samples: Vec<Self> = InvitationView::samples().into_iter().map(page).collect();
        samples.extend(InvitationView::samples().into_iter().take(1).map(|view| Self {
            problem: Some("The password is shorter than 12 characters.".to_owned()),
            ..page(view)
        }));
        samples
    }
}

/// Everything `templates/accept_signed_in.html` may show: the invited person
/// is signed in and only has to say yes.
#[derive(Template)]
#[template(path = "invitation/templates/accept_signed_in.html")]
pub struct AcceptSignedInPage {
    /// What the person is invited to.
    pub invitation: InvitationView,
    /// Why the last attempt did not succeed.
    pub problem: Option<String>,
}

impl Page for AcceptSignedInPage {
    fn layout(&self) -> Layout<'_> {
        self.invitation.layout(self.problem.is_some())
    }
}

impl AcceptSignedInPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |invitation| Self { invitation, problem: None };
        let mut samples: Vec<Self> = InvitationView::samples().into_iter().map(page).collect();
        samples.extend(InvitationView::samples().into_iter().take(1).map(|view| Self {
            problem: Some("The organization has no seat left. Ask Hiroko Sato.".to_owned()),
            ..page(view)
        }));
        samples
    }
}

/// Everything `templates/joined.html` may show: the person is a member now.
#[derive(Template)]
#[template(path = "invitation/templates/joined.html")]
pub struct JoinedPage {
    /// The realm's display name.
    pub realm_name: String,
    /// What the person joined.
    pub org: OrgBrand,
    /// The address that joined.
    pub email: String,
    /// The way on, when the invitation or the realm names one.
    pub continue_link: Option<Link>,
}

impl Page for JoinedPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card(format!("You joined {}", self.org.name), &self.realm_name)
            .of_org(Some(&self.org))
    }
}

impl JoinedPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let link = Link {
            label: "Continue to Travel0".to_owned(),
            href: "https://app.travel0.example/welcome".to_owned(),
        };
        let page = |(number, org): (usize, OrgBrand)| Self {
            realm_name: "Travel0".to_owned(),
            org,
            email: "emilio@freelance.example".to_owned(),
            continue_link: (number != 1).then(|| link.clone()),
        };
        OrgBrand::samples().into_iter().enumerate().map(page).collect()
    }
}

/// Why an invitation cannot be accepted here and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationProblem {
    /// Somebody accepted it before.
    AlreadyUsed,
    /// It was not accepted in time.
    Expired,
    /// The organization took it back.
    Revoked,
    /// The organization takes nobody in.
    Unavailable,
    /// The person signed in is not the person invited.
    OtherEmail {
        /// The account in this browser.
        signed_in_as: String,
        /// The invited address.
        invited: String,
    },
    /// The invited address belongs to an account that may not sign in.
    Disabled,
    /// The link is incomplete, forged, or from elsewhere.
    Invalid,
}

/// Everything `templates/problem.html` may show.
#[derive(Template)]
#[template(path = "invitation/templates/problem.html")]
pub struct InvitationProblemPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Who invited, where the ticket could be trusted to say so.
    pub org: Option<OrgBrand>,
    /// What is wrong.
    pub problem: InvitationProblem,
    /// What to quote to support; the logs know it.
    pub request_id: String,
    /// The way on: to the app, or sign out for [`InvitationProblem::OtherEmail`].
    pub action: Option<Link>,
}

impl Page for InvitationProblemPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card(self.heading(), &self.realm_name).of_org(self.org.as_ref())
    }
}

impl InvitationProblemPage {
    const fn heading(&self) -> &'static str {
        match self.problem {
            InvitationProblem::AlreadyUsed => "This invitation has already been used",
            InvitationProblem::Expired => "This invitation has expired",
            InvitationProblem::Revoked => "This invitation was withdrawn",
            InvitationProblem::Unavailable => "This organization is not available",
            InvitationProblem::OtherEmail { .. } => "This invitation is for someone else",
            InvitationProblem::Disabled => "Your account is disabled",
            InvitationProblem::Invalid => "This invitation link does not work",
        }
    }

    fn org_name(&self) -> &str {
        self.org.as_ref().map_or("the organization", |org| &org.name)
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |problem, org, action| Self {
            realm_name: "Travel0".to_owned(),
            org,
            problem,
            request_id: "0192f3c1-77aa-7e0e-9d3c-5f0c2f1b9a10".to_owned(),
            action,
        };
        let link = |label: &str| {
            Some(Link { label: label.to_owned(), href: "/realms/travel0/next".to_owned() })
        };
        let other = |signed_in_as: &str, invited: &str| InvitationProblem::OtherEmail {
            signed_in_as: signed_in_as.to_owned(),
            invited: invited.to_owned(),
        };
        let brands = OrgBrand::samples;
        let mut samples = vec![
            page(InvitationProblem::Invalid, None, None),
            page(InvitationProblem::Expired, None, None),
        ];
        for org in brands() {
            samples.extend([
                page(
                    InvitationProblem::AlreadyUsed,
                    Some(org.clone()),
                    link("Continue to Travel0"),
                ),
                page(InvitationProblem::Expired, Some(org.clone()), None),
                page(InvitationProblem::Revoked, Some(org.clone()), None),
                page(InvitationProblem::Unavailable, Some(org.clone()), None),
                page(InvitationProblem::Disabled, Some(org.clone()), None),
                page(
                    other("jonno@rocky-mountain.example", "emilio@freelance.example"),
                    Some(org),
                    link("Sign out"),
                ),
            ]);
        }
        samples.push(page(other(HOSTILE, HOSTILE), None, link(HOSTILE)));
        samples
    }
}
