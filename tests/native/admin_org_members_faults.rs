//! Deletions of managed accounts that die half-way.
use crate::admin_users::leftovers;
use crate::harness::browser::json_request;
use crate::org_setup::Granite;
use crate::scim_setup::{count_people, user};
use guildhall::app::schedule;
use guildhall::kernel::time::Seconds;
use http::Method;

/// What is left to do after a crash: the clock's part, and the queue's.
fn go_on(granite: &mut Granite) {
    granite.world.advance(Seconds::minutes(3));
    granite.world.ring_alarms();
    granite.world.run(schedule::tick(granite.world.app()));
    granite.world.deliver_queue();
    granite.world.ring_alarms();
    granite.sign_in();
}

/// Between any two steps of removing a managed member.
const REMOVAL: &[&str] =
    &["org.accounts.after_directory", "org.outbox.before_drain", "org.outbox.after_directory"];

#[test]
fn a_removal_that_dies_is_all_there_is_to_see() {
    for point in REMOVAL {
        let mut granite = Granite::new();
        let hiroko = granite.id_of("hiroko");
        granite.manage(&hiroko);
        let people = count_people(&granite.world);
        let path = granite.admin_path(&format!("/members/{hiroko}"));
        let request = json_request(Method::DELETE, &path, &granite.admin, None);

        granite.world.crash_at(point, request);

        assert_eq!(user(&granite.world, "hiroko"), None, "{point}: the account is gone");
        let listed = granite.usernames("?max=-1").contains(&"hiroko".to_owned());
        let read = granite.ask(Method::GET, &format!("/members/{hiroko}"), None).status.as_u16();
        assert_eq!((listed, read), (false, 404), "{point}: so is the member");
        go_on(&mut granite);
        assert_eq!(leftovers(&granite.world, hiroko.as_str()), 0, "{point}");
        assert_eq!(count_people(&granite.world), people - 1, "{point}");
        assert_eq!(granite.get(&format!("/members/{hiroko}")).status, 404, "{point}");
    }
}

/// Between any two steps of deleting an organization that manages accounts.
const DELETION: &[&str] = &[
    "org.delete.after_object",
    "org.accounts.after_directory",
    "org.delete.after_accounts",
    "org.delete.after_directory",
];

#[test]
fn a_deletion_that_dies_takes_exactly_the_managed_accounts() {
    for point in DELETION {
        let mut granite = Granite::new();
        let [ann, _] = ["ann", "bea"].map(|name| granite.make_member(name, [name, "Lee"]));
        granite.manage(&ann);
        let people = count_people(&granite.world);
        let request = json_request(Method::DELETE, &granite.path(""), &granite.admin, None);

        granite.world.crash_at(point, request);

        assert_eq!(granite.get("").status, 404, "{point}: nobody sees the organization");
        go_on(&mut granite);
        assert_eq!(user(&granite.world, "ann"), None, "{point}");
        assert!(user(&granite.world, "bea").is_some(), "{point}");
        assert_eq!(count_people(&granite.world), people - 1, "{point}");
        assert_eq!(leftovers(&granite.world, ann.as_str()), 0, "{point}");
        assert!(granite.world.is_blank(&granite.object()), "{point}");
    }
}

#[test]
fn a_change_of_type_that_dies_reaches_the_directory_later() {
    let mut granite = Granite::new();
    let hiroko = granite.id_of("hiroko");
    let path = granite.admin_path(&format!("/members/{hiroko}/membership-type"));
    let body = "MANAGED".into();
    let request = json_request(Method::PUT, &path, &granite.admin, Some(&body));
    granite.world.crash_at("org.member.manage.after_object", request);
    assert_eq!(granite.type_of(&hiroko), "MANAGED");
    go_on(&mut granite);
    assert_eq!(granite.usernames("?membershipType=managed"), ["hiroko"]);
}

/// Who was told of second yields, also when the crash of the first hid the two from
/// each other.
#[test]
fn a_claim_that_the_directory_hears_of_too_late_is_none() {
    let mut granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let path = granite.admin_path(&format!("/members/{emilio}/membership-type"));
    let body = "MANAGED".into();
    let request = json_request(Method::PUT, &path, &granite.admin, Some(&body));
    granite.world.crash_at("org.member.manage.after_object", request);
    let there = granite.rocky(&format!("/members/{emilio}/membership-type"));
    assert_eq!(granite.world.put(&there, &granite.admin, &body).status, 204);
    go_on(&mut granite);
    assert_eq!(granite.type_of(&emilio), "UNMANAGED");
    let there = granite.rocky(&format!("/members/{emilio}"));
    let there = granite.world.get(&there, &granite.admin).json();
    assert_eq!(there["membershipType"], "MANAGED");
}
