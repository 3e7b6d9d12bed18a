//! The filters that directories send on every push are answered from an index, and
//! no list reads a table without one.
use crate::scim_setup::{Directory, travel0};
use guildhall::platform::sql::Statement;
use guildhall::scim::filter::Filter;
use guildhall::scim::query::{From, Query};
use guildhall::scim::shape::Shape;
use guildhall::scim::store::page::{count_statement, list_statement};
use guildhall::scim::store::user::Users;

fn query(filter: &str) -> Query {
    let filter = match filter {
        "" => Filter::default(),
        text => Filter::read(text, &Shape::plain_user()).unwrap(),
    };
    Query { filter, sort: None, from: From::Index(1), count: 100 }
}

fn plan(statement: &Statement) -> Vec<String> {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    world.with_object(&directory.object(), |sql| sql.plan(statement))
}

#[test]
fn equality_is_answered_from_an_index() {
    let filters = [
        r#"userName eq "ann""#,
        r#"userName sw "ann""#,
        r#"externalId eq "x""#,
        r#"id eq "x""#,
        r#"emails.value eq "x""#,
        r#"emails[type eq "work"].value eq "x""#,
        r#"active eq true and userName eq "ann""#,
    ];
    for text in filters {
        let query = query(text);
        for statement in [list_statement(&Users, &query), count_statement(&Users, &query)] {
            let plan = plan(&statement);
            let on_users =
                |step: &&String| step.contains("scim_user ") || step.ends_with("scim_user");
            let steps: Vec<&String> = plan.iter().filter(on_users).collect();
            assert!(steps.iter().all(|step| step.starts_with("SEARCH")), "{text}: {plan:?}");
            assert!(!steps.is_empty(), "{text}: {plan:?}");
        }
    }
}

#[test]
fn a_page_of_all_users_is_read_in_order_without_sorting() {
    let plan = plan(&list_statement(&Users, &query("")));
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}
