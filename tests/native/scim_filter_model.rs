//! Filters against a second opinion ([`crate::scim_filter_opinion`]): what SQL finds among
//! made-up users is what that finds on the answers.
use crate::harness::dice::Dice;
use crate::scim_filter_opinion::{
    ENTERPRISE_URN, Filter, Kind, Place, Single, USER_URN, elements, part,
};
use crate::scim_setup::{Directory, travel0};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

const USERS: usize = 60;
const FILTERS: usize = 500;

const SINGLES: &[Single] = &[
    (&["id"], Kind::Exact),
    (&["externalId"], Kind::Exact),
    (&["userName"], Kind::Text),
    (&["displayName"], Kind::Text),
    (&["nickName"], Kind::Text),
    (&["title"], Kind::Text),
    (&["userType"], Kind::Text),
    (&["profileUrl"], Kind::Exact),
    (&["active"], Kind::Truth),
    (&["name", "givenName"], Kind::Text),
    (&["name", "familyName"], Kind::Text),
    (&["meta", "created"], Kind::Moment),
    (&["meta", "lastModified"], Kind::Moment),
    (&["meta", "resourceType"], Kind::Exact),
    (&[ENTERPRISE_URN, "department"], Kind::Text),
    (&[ENTERPRISE_URN, "employeeNumber"], Kind::Text),
    (&[ENTERPRISE_URN, "manager", "value"], Kind::Text),
];

/// An attribute with many values, and their parts.
type List = (&'static str, &'static [(&'static str, Kind)]);

const PLAIN: &[(&str, Kind)] = &[
    ("value", Kind::Text),
    ("type", Kind::Text),
    ("display", Kind::Text),
    ("primary", Kind::Truth),
];

const LISTS: &[List] = &[
    ("emails", PLAIN),
    ("phoneNumbers", PLAIN),
    ("roles", PLAIN),
    ("photos", &[("value", Kind::Exact), ("type", Kind::Text), ("primary", Kind::Truth)]),
    ("addresses", &[("locality", Kind::Text), ("type", Kind::Text), ("primary", Kind::Truth)]),
];

/// Words in which everything that could be misread stands; nothing is the last.
const WORDS: &[&str] = &[
    "Guide",
    "guide",
    "GUIDES",
    "Rafting guide",
    "Zoë",
    "ZOË",
    "50%",
    "a_b",
    "aXb",
    "back\\slash",
    "quo\"te",
    "o'neil",
    "[x]",
    "st*r",
    "qu?ck",
    "tab\tbed",
    "日本",
    "",
];
const KINDS: &[&str] = &["work", "Work", "home", "other"];

/// `Some` of what `make` makes, most often.
fn maybe(dice: &Dice, object: &mut Map<String, Value>, name: &str, make: impl Fn() -> Value) {
    if dice.below(3) > 0 {
        object.insert(name.to_owned(), make());
    }
}

fn word(dice: &Dice) -> Value {
    json!(dice.one_of(WORDS))
}

fn values(dice: &Dice, user: usize, list: &str) -> Value {
    let count = dice.below(4);
    let primary = dice.below(5);
    (0..count)
        .map(|at| {
            let mut element = Map::new();
            let value = match list {
                // An address is nobody else's.
                "emails" => format!("{}{user}.{at}@Example.com", dice.one_of(&["a", "B", "o'c"])),
                "photos" => {
                    format!("https://{}.example/{}", dice.one_of(&["a", "A"]), dice.below(3))
                }
                _ => dice.one_of(&WORDS[..WORDS.len() - 1]).to_owned(),
            };
            match list {
                "addresses" => drop(element.insert("locality".to_owned(), json!(value))),
                _ => drop(element.insert("value".to_owned(), json!(value))),
            }
            maybe(dice, &mut element, "type", || json!(dice.one_of(KINDS)));
            if PLAIN_LISTS.contains(&list) {
                maybe(dice, &mut element, "display", || word(dice));
            }
            if at == primary {
                element.insert("primary".to_owned(), json!(true));
            } else if dice.below(2) == 0 {
                element.insert("primary".to_owned(), json!(false));
            }
            Value::Object(element)
        })
        .collect()
}

const PLAIN_LISTS: &[&str] = &["emails", "phoneNumbers", "roles"];

fn made_up(dice: &Dice, at: usize) -> Value {
    let mut user = Map::new();
    let name = format!("{}-{at}", dice.one_of(&["Ann", "ann", "BEN", "Zoë", "50%"]));
    user.insert("schemas".to_owned(), json!([USER_URN]));
    user.insert("userName".to_owned(), json!(name));
    maybe(dice, &mut user, "externalId", || json!(format!("{}{at}", dice.one_of(&["Ext", "ext"]))));
    for name in ["displayName", "nickName", "title", "userType"] {
        maybe(dice, &mut user, name, || word(dice));
    }
    maybe(dice, &mut user, "profileUrl", || {
        json!(dice.one_of(&["https://A.example", "https://a.example"]))
    });
    maybe(dice, &mut user, "active", || json!(dice.below(2) == 0));
    maybe(dice, &mut user, "name", || {
        let mut name = Map::new();
        maybe(dice, &mut name, "givenName", || word(dice));
        maybe(dice, &mut name, "familyName", || word(dice));
        Value::Object(name)
    });
    for (list, _) in LISTS {
        maybe(dice, &mut user, list, || values(dice, at, list));
    }
    maybe(dice, &mut user, ENTERPRISE_URN, || {
        let mut enterprise = Map::new();
        maybe(dice, &mut enterprise, "department", || word(dice));
        maybe(dice, &mut enterprise, "employeeNumber", || json!(dice.below(9).to_string()));
        maybe(dice, &mut enterprise, "manager", || json!({ "value": dice.below(4).to_string() }));
        Value::Object(enterprise)
    });
    Value::Object(user)
}

/// A value to compare with: one that somebody has, a piece of it, or any.
fn literal(dice: &Dice, kind: Kind, operator: &str, seen: &[Value]) -> Value {
    if kind == Kind::Truth {
        return json!(dice.below(2) == 0);
    }
    if ["eq", "ne"].contains(&operator) && dice.below(12) == 0 {
        return Value::Null;
    }
    let texts: Vec<&str> =
        seen.iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).collect();
    if kind == Kind::Moment {
        return json!(elsewhere(dice, dice.one_of(&texts)));
    }
    let text = match texts.as_slice() {
        texts if !texts.is_empty() && dice.below(4) > 0 => dice.one_of(texts).to_owned(),
        _ => dice.one_of(WORDS).to_owned(),
    };
    let letters: Vec<char> = text.chars().collect();
    let piece: String = match (operator, letters.len()) {
        ("co" | "sw" | "ew", 0) => "e".to_owned(),
        ("co" | "sw" | "ew", length) => {
            let from = if operator == "sw" { 0 } else { dice.below(length) };
            let to = if operator == "ew" { length } else { from + 1 + dice.below(length - from) };
            letters[from..to].iter().collect()
        }
        _ => text,
    };
    json!(match dice.below(4) {
        0 => piece.to_uppercase(),
        1 => piece.to_lowercase(),
        _ => piece,
    })
}

/// The same moment as somebody else would write it, or one nearby.
fn elsewhere(dice: &Dice, moment: &str) -> String {
    match dice.below(4) {
        0 => moment.replace('Z', ".000Z"),
        1 => moment.replace('Z', "+00:00"),
        // An hour earlier, by a zone an hour ahead.
        2 => moment.replace('Z', "+01:00"),
        _ => moment.to_owned(),
    }
}

struct Maker<'a> {
    dice: &'a Dice,
    users: &'a [Value],
}

impl Maker<'_> {
    fn filter(&self, depth: usize) -> Filter {
        match self.dice.below(if depth == 0 { 4 } else { 9 }) {
            0 | 1 => self.comparison(Place::Single(self.dice.one_of(SINGLES))),
            2 => self.of_list(),
            3 => self.selection(depth.max(1)),
            4 => Filter::Not(Box::new(self.filter(depth - 1))),
            5 | 6 => Filter::And(self.boxed(depth - 1), self.boxed(depth - 1)),
            _ => Filter::Or(self.boxed(depth - 1), self.boxed(depth - 1)),
        }
    }

    fn boxed(&self, depth: usize) -> Box<Filter> {
        Box::new(self.filter(depth))
    }

    fn of_list(&self) -> Filter {
        let (list, parts) = self.dice.one_of(LISTS);
        match self.dice.below(8) {
            0 => {
                let schemas = Place::List("schemas", None, Kind::Exact);
                let urn = self.dice.one_of(&[USER_URN, ENTERPRISE_URN, "urn:none"]);
                Filter::Compare(schemas, self.dice.one_of(&["eq", "ne"]), json!(urn))
            }
            1 | 2 if parts[0].0 == "value" => self.comparison(Place::List(list, None, parts[0].1)),
            _ => {
                let (part, kind) = self.dice.one_of(parts);
                self.comparison(Place::List(list, Some(part), kind))
            }
        }
    }

    fn selection(&self, depth: usize) -> Filter {
        let (list, parts) = self.dice.one_of(LISTS);
        let inner = Box::new(self.of_parts(parts, depth - 1));
        if self.dice.below(3) > 0 {
            return Filter::Has(list, inner);
        }
        // Asked of a part, `ne` would stand for the list and not for the value.
        let part = loop {
            let (name, kind) = self.dice.one_of(parts);
            match self.comparison(Place::Part(name, kind)) {
                Filter::Compare(_, operator, ref literal)
                    if operator == "ne" || literal.is_null() => {}
                part => break part,
            }
        };
        Filter::HasPart(list, inner, Box::new(part))
    }

    fn of_parts(&self, parts: &[(&'static str, Kind)], depth: usize) -> Filter {
        let inner = || Box::new(self.of_parts(parts, depth - 1));
        match self.dice.below(if depth == 0 { 1 } else { 4 }) {
            1 => Filter::Not(inner()),
            2 => Filter::And(inner(), inner()),
            3 => Filter::Or(inner(), inner()),
            _ => {
                let (name, kind) = self.dice.one_of(parts);
                self.comparison(Place::Part(name, kind))
            }
        }
    }

    fn comparison(&self, place: Place) -> Filter {
        let kind = place.kind();
        // Whether somebody said that a value is not primary tells nobody anything.
        if self.dice.below(6) == 0 && kind != Kind::Truth {
            return Filter::Present(place);
        }
        let operators: &[&'static str] = match kind {
            Kind::Truth => &["eq", "ne"],
            Kind::Moment => &["eq", "ne", "gt", "ge", "lt", "le"],
            Kind::Text | Kind::Exact => {
                &["eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
            }
        };
        let operator = self.dice.one_of(operators);
        let seen: Vec<Value> = match &place {
            Place::Part(name, _) => {
                let lists = LISTS
                    .iter()
                    .flat_map(|(list, _)| self.users.iter().flat_map(|user| elements(user, list)));
                lists.map(|element| part(&element, name)).collect()
            }
            place => self.users.iter().flat_map(|user| place.values(user)).collect(),
        };
        let literal = literal(self.dice, kind, operator, &seen);
        Filter::Compare(place, operator, literal)
    }
}

/// Pushes made-up users, some of whom change later, and answers them as they are told.
fn furnish(directory: &Directory<'_>, dice: &Dice) -> Vec<Value> {
    let paths: Vec<String> = (0..USERS)
        .map(|at| {
            if dice.below(4) == 0 {
                directory.world.advance(Seconds::minutes(30));
            }
            directory.pushed(&made_up(dice, at))
        })
        .collect();
    for path in &paths {
        if dice.below(4) == 0 {
            directory.world.advance(Seconds::minutes(30));
            let operation = json!({ "op": "replace", "path": "title", "value": "Changed" });
            let body = json!({ "schemas": [PATCH_URN], "Operations": [operation] });
            assert_eq!(directory.patch(path, &body).status, 200);
        }
    }
    paths.iter().map(|path| directory.get(path).json()).collect()
}

fn id(user: &Value) -> &str {
    user["id"].as_str().unwrap()
}

/// Who is found, by query or by `/.search`.
fn found(
    directory: &Directory<'_>,
    filter: &str,
    by_query: bool,
) -> Result<BTreeSet<String>, String> {
    let answer = if by_query {
        directory.list(&[("filter", filter), ("count", "200")])
    } else {
        let body = json!({ "schemas": [SEARCH_URN], "filter": filter, "count": 200 });
        directory.send(Method::POST, "/Users/.search", Some(&body))
    };
    if answer.status != 200 {
        return Err(format!("{} {}", answer.status, answer.text));
    }
    let list = answer.json();
    let resources = list["Resources"].as_array().cloned().unwrap_or_default();
    if list["totalResults"] != json!(resources.len()) {
        return Err(format!("{} resources of {}", resources.len(), list["totalResults"]));
    }
    Ok(resources.iter().map(|user| id(user).to_owned()).collect())
}

fn agree(seed: u64) {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let dice = Dice::new(seed);
    let users = furnish(&directory, &dice);
    let maker = Maker { dice: &dice, users: &users };
    let mut wrong = Vec::new();
    let mut telling = 0;
    for at in 0..FILTERS {
        let filter = maker.filter(at % 4);
        let text = filter.write(&dice);
        let expected: BTreeSet<String> = users
            .iter()
            .filter(|user| filter.holds(user))
            .map(|user| id(user).to_owned())
            .collect();
        telling += usize::from(!expected.is_empty() && expected.len() < users.len());
        match found(&directory, &text, at % 2 == 0) {
            Err(refused) => wrong.push(format!("{text}: {refused}")),
            Ok(found) if found != expected => {
                let differs = found.symmetric_difference(&expected).next().unwrap();
                let user = users.iter().find(|user| id(user) == differs).unwrap();
                let is_found = found.contains(differs);
                wrong.push(format!(
                    "{text}: found is {is_found}, it holds is {}: {user}",
                    !is_found
                ));
            }
            Ok(_) => {}
        }
    }
    let first = wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {FILTERS} filters:\n{first}", wrong.len());
    assert!(telling > FILTERS / 3, "only {telling} filters told anybody from anybody");
}

#[test]
fn sql_finds_what_the_rfc_means() {
    agree(20_260_111);
}

#[test]
fn sql_finds_what_the_rfc_means_among_others() {
    agree(76_437_644);
}

/// RFC 7644 §3.4.2.2: order has no meaning for booleans and binaries.
#[test]
fn what_cannot_be_compared_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let refused = [
        "active gt true",
        "active ge false",
        "active lt true",
        "active le true",
        "emails.primary gt true",
        "emails[primary le true]",
        "x509Certificates.value gt \"aaaa\"",
        "meta.created gt \"yesterday\"",
        "meta.created eq 5",
        "nobodyKnows eq \"x\"",
        "emails.nobodyKnows eq \"x\"",
        "emails[nobodyKnows eq \"x\"]",
        "name.nobodyKnows pr",
        "userName[value eq \"x\"]",
        "userName.value eq \"x\"",
        "urn:nobody:knows:title eq \"x\"",
        "password eq \"x\"",
        "password pr",
    ];
    for filter in refused {
        let answer = directory.list(&[("filter", filter)]);
        let told = answer.json();
        assert_eq!(answer.status, 400, "{filter}: {answer:?}");
        assert_eq!(
            (&told["scimType"], &told["status"]),
            (&json!("invalidFilter"), &json!("400")),
            "{filter}"
        );
    }
}

/// The filters that RFC 7644 §3.4.2.2 prints.
#[test]
fn the_examples_of_the_rfc_find_whom_they_mean() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let of_enterprise = json!({
        "schemas": [USER_URN, ENTERPRISE_URN], "userName": "bjensen", "userType": "Employee",
        "title": "Guide", "name": { "familyName": "O'Malley" },
        "emails": [{ "type": "work", "value": "bjensen@example.com" }],
        ENTERPRISE_URN: { "department": "Rafting" },
    });
    directory.pushed(&of_enterprise);
    let chats = json!({
        "schemas": [USER_URN], "userName": "Jsmith", "userType": "Intern",
        "emails": [{ "type": "home", "value": "jsmith@example.org" }],
        "ims": [{ "type": "xmpp", "value": "jsmith@foo.com" }],
    });
    directory.pushed(&chats);
    let examples = [
        (r#"userName eq "bjensen""#, "bjensen"),
        (r#"name.familyName co "O'Malley""#, "bjensen"),
        (r#"userName sw "J""#, "Jsmith"),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, "Jsmith"),
        ("title pr", "bjensen"),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, "both"),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, "both"),
        (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, "nobody"),
        (r#"meta.lastModified le "2011-05-13T04:42:34Z""#, "nobody"),
        (r#"title pr and userType eq "Employee""#, "bjensen"),
        (r#"title pr or userType eq "Intern""#, "both"),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, "bjensen"),
        (
            r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
            "bjensen",
        ),
        (
            r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
            "nobody",
        ),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, "bjensen"),
        (
            r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
            "bjensen",
        ),
        (
            r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
            "both",
        ),
    ];
    for (filter, who) in examples {
        let answer = directory.list(&[("filter", filter)]);
        assert_eq!(answer.status, 200, "{filter}: {answer:?}");
        let list = answer.json();
        let found: BTreeSet<&str> = list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["userName"].as_str().unwrap())
            .collect();
        let expected: &[&str] = match who {
            "both" => &["bjensen", "Jsmith"],
            "nobody" => &[],
            one => &[one],
        };
        assert_eq!(found, expected.iter().copied().collect(), "{filter}");
    }
}
