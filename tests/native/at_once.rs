//! Two requests at once, in every order that their input and output allows: one
//! wins, the other hears what the documents say, and what is stored agrees.
use crate::admin_setup::TRAVEL0;
use crate::admin_users::token_of;
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::org_domains::{publish, value_of};
use crate::org_setup::{Granite, each};
use crate::scim_setup::{Directory, org_id, person, user};
use bytes::Bytes;
use guildhall::kernel::id::OrgId;
use guildhall::kernel::route::ObjectName;
use http::{Method, Request};
use serde_json::{Value, json};

/// Two requests that meet.
struct Meeting {
    /// Makes ready what they are about, and them.
    requests: fn(&mut Granite) -> [Request<Bytes>; 2],
    /// The two statuses, whoever gets which; or one of several pairs.
    statuses: &'static [[u16; 2]],
    /// Looks whether all stores agree.
    check: fn(&Granite),
}

/// `method path`, as the administrator.
fn ask(granite: &Granite, method: Method, path: &str, body: &Value) -> Request<Bytes> {
    let body = (!body.is_null()).then_some(body);
    json_request(method, path, &granite.admin, body)
}

fn twice(granite: &Granite, method: &Method, path: &str, body: &Value) -> [Request<Bytes>; 2] {
    [(); 2].map(|()| ask(granite, method.clone(), path, body))
}

fn rocky(granite: &Granite) -> String {
    format!("/realms/travel0/orgs/{}", org_id(&granite.world, "rocky-mountain"))
}

/// How many events of the realm's trail fit.
fn events(granite: &Granite, query: &str) -> usize {
    granite.world.deliver_queue();
    let path = format!("{TRAVEL0}/admin-events?max=1000&{query}");
    granite.world.get(&path, &granite.admin).json().as_array().unwrap().len()
}

fn each_at(granite: &Granite, path: &str, name: &str) -> Vec<String> {
    each(&granite.world.get(path, &granite.admin), name)
}

fn count(all: &[String], one: &str) -> usize {
    all.iter().filter(|text| *text == one).count()
}

#[test]
fn of_two_organizations_of_one_name_one_is_made() {
    meet(&Meeting {
        requests: |granite| {
            twice(granite, &Method::POST, "/realms/travel0/orgs", &json!({ "name": "Blue River" }))
        },
        statuses: &[[201, 409]],
        check: |granite| {
            let names = each_at(granite, "/realms/travel0/orgs", "name");
            assert_eq!(count(&names, "Blue River"), 1);
            assert_eq!(
                events(
                    granite,
                    "resourceTypes=ORGANIZATION&operationTypes=CREATE&resourcePath=orgs/*"
                ),
                4
            );
            // The object of the loser is blank again.
            let objects = granite.world.objects();
            let alive = objects.iter().filter(|name| matches!(name, ObjectName::Org(..)));
            assert_eq!(alive.filter(|name| !granite.world.is_blank(name)).count(), 4);
        },
    });
}

#[test]
fn of_two_organizations_of_one_id_one_is_made() {
    meet(&Meeting {
        requests: |granite| {
            ["one", "two"].map(|name| {
                let body = json!({ "id": "chosen", "name": name });
                ask(granite, Method::POST, "/realms/travel0/orgs", &body)
            })
        },
        statuses: &[[201, 409]],
        check: |granite| {
            let listed = each_at(granite, "/realms/travel0/orgs?q=", "id");
            assert_eq!(count(&listed, "chosen"), 1);
            let inside = granite.world.get("/realms/travel0/orgs/chosen", &granite.admin).json();
            let names = each_at(granite, "/realms/travel0/orgs", "name");
            assert_eq!(count(&names, inside["name"].as_str().unwrap()), 1);
        },
    });
}

#[test]
fn of_two_organizations_that_take_one_name_one_has_it() {
    meet(&Meeting {
        requests: |granite| {
            let body = json!({ "name": "The Outpost" });
            [granite.path(""), rocky(granite)].map(|path| ask(granite, Method::PUT, &path, &body))
        },
        statuses: &[[204, 409]],
        check: |granite| {
            let names = each_at(granite, "/realms/travel0/orgs", "name");
            assert_eq!(count(&names, "The Outpost"), 1);
            let inside = [granite.path(""), rocky(granite)].map(|path| {
                granite.world.get(&path, &granite.admin).json()["name"].as_str().unwrap().to_owned()
            });
            assert_eq!(count(&inside, "The Outpost"), 1, "{inside:?}");
        },
    });
}

#[test]
fn an_organization_is_deleted_once() {
    meet(&Meeting {
        requests: |granite| twice(granite, &Method::DELETE, &granite.path(""), &Value::Null),
        statuses: &[[204, 404]],
        check: |granite| {
            assert!(
                !each_at(granite, "/realms/travel0/orgs", "name")
                    .contains(&"granite-outpost".to_owned())
            );
            assert!(granite.world.is_blank(&granite.object()));
            assert_eq!(events(granite, "resourceTypes=ORGANIZATION&operationTypes=DELETE"), 1);
        },
    });
}

#[test]
fn an_address_is_invited_and_mailed_once() {
    meet(&Meeting {
        requests: |granite| {
            let body = json!({ "email": "new@mail.example", "send": true });
            twice(granite, &Method::POST, &granite.path("/invitations"), &body)
        },
        statuses: &[[201, 409]],
        check: |granite| {
            assert_eq!(each(&granite.get("/invitations"), "email"), ["new@mail.example"]);
            assert_eq!(events(granite, "resourceTypes=INVITATION"), 1);
            assert_eq!(granite.world.mails().len(), 1);
        },
    });
}

#[test]
fn who_joins_meanwhile_is_a_member_whatever_becomes_of_the_invitation() {
    meet(&Meeting {
        requests: |granite| {
            let sumana = user(&granite.world, "sumana").unwrap();
            let body = json!({ "email": sumana.email.unwrap().as_str(), "send": false });
            [
                ask(granite, Method::POST, &granite.path("/invitations"), &body),
                ask(
                    granite,
                    Method::PUT,
                    &granite.path(&format!("/members/{}", sumana.id)),
                    &Value::Null,
                ),
            ]
        },
        // Who is a member by then is not invited.
        statuses: &[[201, 201], [201, 409]],
        check: |granite| {
            let id = granite.id_of("sumana");
            assert_eq!(granite.get(&format!("/members/{id}")).status, 204);
        },
    });
}

#[test]
fn an_invitation_is_accepted_once() {
    meet(&Meeting {
        requests: |granite| {
            let (path, token) = invite_hiroko(granite);
            [(); 2].map(|()| json_request(Method::POST, &path, &token, None))
        },
        statuses: &[[204, 404]],
        check: |granite| {
            let id = granite.id_of("hiroko");
            let members = each_at(granite, &format!("{}/members", rocky(granite)), "id");
            assert_eq!(count(&members, id.as_str()), 1);
            assert_eq!(events(granite, "resourceTypes=INVITATION&operationTypes=ACTION"), 1);
            let query = format!(
                "resourceTypes=ORGANIZATION_MEMBERSHIP&resourcePath=*/members/{id}&operationTypes=CREATE"
            );
            assert_eq!(events(granite, &query), 2, "once here, and once in her own organization");
        },
    });
}

#[test]
fn an_invitation_is_accepted_or_revoked() {
    meet(&Meeting {
        requests: |granite| {
            let (path, token) = invite_hiroko(granite);
            let invitation = path.rsplit('/').next().unwrap();
            let revoked = format!("{}/invitations/{invitation}", rocky(granite));
            [
                json_request(Method::POST, &path, &token, None),
                ask(granite, Method::DELETE, &revoked, &Value::Null),
            ]
        },
        statuses: &[[204, 404]],
        check: |granite| {
            let members = each_at(granite, &format!("{}/members", rocky(granite)), "id");
            let joined = count(&members, granite.id_of("hiroko").as_str());
            let accepted = events(granite, "resourceTypes=INVITATION&operationTypes=ACTION");
            let revoked = events(granite, "resourceTypes=INVITATION&operationTypes=DELETE");
            assert_eq!((joined, joined + revoked), (accepted, 1));
        },
    });
}

#[test]
fn whoever_is_added_twice_is_a_member_once() {
    meet(&Meeting {
        requests: |granite| {
            let path = granite.path(&format!("/members/{}", granite.id_of("sumana")));
            twice(granite, &Method::PUT, &path, &Value::Null)
        },
        statuses: &[[201, 201]],
        check: |granite| {
            let id = granite.id_of("sumana");
            assert_eq!(count(&each(&granite.get("/members"), "id"), id.as_str()), 1);
            let path = format!("resourcePath=orgs/{}/members/{id}", granite.org);
            assert_eq!(events(granite, &path), 1);
        },
    });
}

#[test]
fn a_member_is_removed_once() {
    meet(&Meeting {
        requests: |granite| {
            let path = granite.path(&format!("/members/{}", granite.id_of("emilio")));
            twice(granite, &Method::DELETE, &path, &Value::Null)
        },
        statuses: &[[204, 404]],
        check: |granite| {
            let id = granite.id_of("emilio");
            assert_eq!(granite.get(&format!("/members/{id}")).status, 404);
            let path =
                format!("operationTypes=DELETE&resourcePath=orgs/{}/members/{id}", granite.org);
            assert_eq!(events(granite, &path), 1);
        },
    });
}

#[test]
fn a_role_that_is_granted_twice_is_held_once() {
    meet(&Meeting {
        requests: |granite| {
            let path =
                granite.path(&format!("/roles/view-members/users/{}", granite.id_of("emilio")));
            twice(granite, &Method::PUT, &path, &Value::Null)
        },
        statuses: &[[201, 201]],
        check: |granite| {
            assert_eq!(events(granite, "resourceTypes=ORGANIZATION_ROLE_MAPPING"), 1);
            let id = granite.id_of("emilio");
            let path = format!("/realms/travel0/users/{id}/orgs/{}/roles", granite.org);
            assert_eq!(count(&each_at(granite, &path, "name"), "view-members"), 1);
        },
    });
}

#[test]
fn of_two_roles_of_one_name_one_is_made() {
    meet(&Meeting {
        requests: |granite| {
            twice(granite, &Method::POST, &granite.path("/roles"), &json!({ "name": "cook" }))
        },
        statuses: &[[201, 409]],
        check: |granite| {
            assert_eq!(count(&each(&granite.get("/roles"), "name"), "cook"), 1);
            assert_eq!(events(granite, "resourceTypes=ORGANIZATION_ROLE"), 1);
        },
    });
}

#[test]
fn a_domain_has_one_owner() {
    meet(&Meeting {
        requests: |granite| {
            let domain = "shared.example";
            for (path, name) in
                [(granite.path(""), "granite-outpost"), (rocky(granite), "rocky-mountain")]
            {
                let body = json!({ "name": name, "domains": [domain] });
                assert_eq!(granite.world.put(&path, &granite.admin, &body).status, 204);
            }
            let ids = [granite.org.clone(), org_id(&granite.world, "rocky-mountain")];
            publish_all(&granite.world, domain, &ids);
            ids.map(|id| {
                let path = format!("/realms/travel0/orgs/{id}/domains/{domain}/verify");
                ask(granite, Method::POST, &path, &Value::Null)
            })
        },
        statuses: &[[202, 202]],
        check: |granite| {
            let verified = [granite.path(""), rocky(granite)].map(|org| {
                let path = format!("{org}/domains/shared.example");
                let domain = granite.world.get(&path, &granite.admin).json();
                assert!(domain["verified"] == true || domain["reason"].is_string(), "{domain}");
                domain["verified"] == true
            });
            assert!(verified[0] != verified[1], "one owner: {verified:?}");
        },
    });
}

#[test]
fn a_provider_that_is_not_shared_serves_whoever_linked_it_last() {
    meet(&Meeting {
        requests: |granite| {
            let provider = json!({ "alias": "okta", "providerId": "oidc" });
            let path = format!("{TRAVEL0}/identity-provider/instances");
            assert_eq!(granite.world.post(&path, &granite.admin, &provider).status, 201);
            [granite.path(""), rocky(granite)].map(|org| {
                let body = json!({ "alias": "okta" });
                ask(granite, Method::POST, &format!("{org}/idps/link"), &body)
            })
        },
        statuses: &[[201, 201]],
        check: |granite| {
            let users = [granite.path(""), rocky(granite)]
                .map(|org| each_at(granite, &format!("{org}/idps"), "alias").len());
            assert_eq!(users[0] + users[1], 1, "the last one has it: {users:?}");
            let path = format!("{TRAVEL0}/identity-provider/instances/okta");
            let config = granite.world.get(&path, &granite.admin).json()["config"].clone();
            let winner = if users[0] == 1 {
                granite.org.clone()
            } else {
                org_id(&granite.world, "rocky-mountain")
            };
            assert_eq!(config["home.idp.discovery.org"], winner.as_str());
        },
    });
}

#[test]
fn of_two_providers_of_one_alias_one_is_made() {
    meet(&Meeting {
        requests: |granite| {
            let body = json!({ "alias": "okta", "providerId": "oidc" });
            [granite.path(""), rocky(granite)]
                .map(|org| ask(granite, Method::POST, &format!("{org}/idps"), &body))
        },
        statuses: &[[201, 409]],
        check: |granite| {
            let users = [granite.path(""), rocky(granite)]
                .map(|org| each_at(granite, &format!("{org}/idps"), "alias").len());
            assert_eq!(users[0] + users[1], 1);
        },
    });
}

#[test]
fn of_two_people_of_one_name_one_is_made() {
    meet(&Meeting {
        requests: |granite| {
            let path = format!("{TRAVEL0}/users");
            twice(granite, &Method::POST, &path, &json!({ "username": "ann" }))
        },
        statuses: &[[201, 409]],
        check: |granite| {
            let path = format!("{TRAVEL0}/users?username=ann&exact=true");
            assert_eq!(each_at(granite, &path, "username"), ["ann"]);
            assert_eq!(events(granite, "resourceTypes=USER&operationTypes=CREATE"), 1);
        },
    });
}

#[test]
fn what_is_pushed_twice_is_one_person() {
    meet(&Meeting {
        requests: |granite| {
            let directory = Directory::connect(&granite.world, "granite-outpost");
            let body = person("ann", "ann@granite.example");
            [(); 2].map(|()| directory.request(Method::POST, "/Users", Some(&body)))
        },
        statuses: &[[201, 409]],
        check: |granite| {
            let directory = Directory::at(&granite.world, granite.org.clone());
            assert_eq!(directory.count(r#"userName eq "ann""#), 1);
            let members = each(&granite.get("/members"), "username");
            assert_eq!(count(&members, "ann@granite.example"), 1, "{members:?}");
        },
    });
}

/// Hiroko's own path to accept an invitation of Rocky Mountain, and her token.
fn invite_hiroko(granite: &Granite) -> (String, String) {
    let email = user(&granite.world, "hiroko").unwrap().email.unwrap();
    let body = json!({ "email": email.as_str(), "send": false });
    let path = format!("{}/invitations", rocky(granite));
    let made = granite.world.post(&path, &granite.admin, &body);
    let id = made.location().rsplit('/').next().unwrap();
    let token = token_of(&granite.world, "hiroko");
    (format!("/realms/travel0/orgs/me/invitations/{id}"), token)
}

/// The zone of `domain` proves that each of the organizations owns it.
fn publish_all(world: &World, domain: &str, orgs: &[OrgId]) {
    let records: Vec<String> =
        orgs.iter().map(|org| format!("\"{}\"", value_of(domain, org))).collect();
    publish(world, domain, &records);
}

/// Lets the two meet at every step of the first one's way.
fn meet(meeting: &Meeting) {
    let mut steps = 0;
    loop {
        let mut granite = Granite::new();
        let [first, second] = (meeting.requests)(&mut granite);
        let Some(answers) = granite.world.interleaved(steps, first, second) else { break };
        let answers = answers.map(Answer::new);
        let mut statuses: Vec<u16> = answers.iter().map(|one| one.status.as_u16()).collect();
        statuses.sort_unstable();
        let is_told_of = meeting.statuses.iter().any(|pair| *pair == *statuses);
        assert!(is_told_of, "at step {steps}: {answers:#?}");
        granite.world.ring_alarms();
        granite.sign_in();
        (meeting.check)(&granite);
        steps += 1;
    }
    assert!(steps > 3, "the first makes {steps} steps only");
}
