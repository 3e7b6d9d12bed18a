//! The filters that directories send on every push are answered from an index.
use crate::scim_setup::{Directory, travel0};
use guildhall::scim::filter::Filter;
use guildhall::scim::store::user::{Part, count_statement, list_statement};

#[test]
fn equality_is_answered_from_an_index() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let filters = [
        r#"userName eq "ann""#,
        r#"externalId eq "x""#,
        r#"id eq "x""#,
        r#"emails.value eq "x""#,
        r#"emails[type eq "work"].value eq "x""#,
        r#"active eq true and userName eq "ann""#,
    ];
    for text in filters {
        let filter = Filter::read(text).unwrap();
        let part = Part { offset: 0, limit: 100 };
        for statement in [list_statement(&filter, part), count_statement(&filter)] {
            let plan = world.with_object(&directory.object(), |sql| sql.plan(&statement));
            let scans: Vec<&String> = plan.iter().filter(|step| step.starts_with("SCAN")).collect();
            assert!(scans.is_empty(), "{text}: {plan:?}");
            assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{text}: {plan:?}");
        }
    }
}

#[test]
fn a_page_of_all_users_is_read_in_order_without_sorting() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let statement = list_statement(&Filter::default(), Part { offset: 0, limit: 100 });
    let plan = world.with_object(&directory.object(), |sql| sql.plan(&statement));
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}
