//! Finding users. A condition that names few of them is answered by an index
//! first; what is left is judged row by row.
use super::to_json;
use super::user::{SELECT, user_from_row};
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::{StoreError, Value};
use crate::platform::sql::Statement;
use crate::realm::page::Page;
use crate::realm::user::User;
use crate::realm::user_filter::{Field, Pattern, UserFilter};

/// The shortest text that the index of trigrams can find, in characters.
const INDEXED_CHARS: usize = 3;

/// In the order of the list, so that a page ends the search.
const LIST: &str = "
      FROM user
     WHERE realm_id = ?";

/// From the ids that a condition below answers (`+`: not by the realm's index).
const LIST_AMONG: &str = "
      FROM user
     WHERE +realm_id = ?";

const COUNT: &str = "SELECT count(*) AS total FROM user WHERE realm_id = ?";

const COUNT_AMONG: &str = "SELECT count(*) AS total FROM user WHERE +realm_id = ?";

const COUNT_PEOPLE: &str = "SELECT people AS total FROM user_tally WHERE realm_id = ?";

const PAGE: &str = " ORDER BY username LIMIT ? OFFSET ?";

const OF_IDS: &str = " AND id IN (SELECT value FROM json_each(?))";

const MATCHING: &str = "
       AND id IN (SELECT user_text.user_id
                    FROM user_search
                    JOIN user_text ON user_text.number = user_search.rowid
                   WHERE user_search MATCH ?)";

const WITH_ATTRIBUTE: &str = "
       AND id IN (SELECT user_id FROM user_attribute
                   WHERE realm_id = ? AND name = ? AND value = ?)";

const OF_PROVIDER: &str = "
       AND id IN (SELECT user_id FROM federated_identity
                   WHERE realm_id = ? AND provider = ?)";

const OF_PROVIDER_USER: &str = "
       AND id IN (SELECT user_id FROM federated_identity
                   WHERE realm_id = ? AND provider_user_id = ?)";

const IS_ANYWHERE: &str = "
       AND id IN (SELECT id FROM user WHERE realm_id = ? AND username = ?
                   UNION ALL
                  SELECT id FROM user WHERE realm_id = ? AND email = ?
                   UNION ALL
                  SELECT id FROM user WHERE realm_id = ? AND first_name = ? COLLATE NOCASE
                   UNION ALL
                  SELECT id FROM user WHERE realm_id = ? AND last_name = ? COLLATE NOCASE)";

const BEGINS_ANYWHERE: &str = "
       AND id IN (SELECT id FROM user WHERE realm_id = ? AND username >= ? AND username < ?
                   UNION ALL
                  SELECT id FROM user WHERE realm_id = ? AND email >= ? AND email < ?
                   UNION ALL
                  SELECT id FROM user WHERE realm_id = ?
                     AND first_name >= ? COLLATE NOCASE AND first_name < ? COLLATE NOCASE
                   UNION ALL
                  SELECT id FROM user WHERE realm_id = ?
                     AND last_name >= ? COLLATE NOCASE AND last_name < ? COLLATE NOCASE)";

const HAS_ANYWHERE: &str = "
       AND (instr(username, ?) > 0 OR instr(coalesce(email, ''), ?) > 0
            OR instr(lower(coalesce(first_name, '')), ?) > 0
            OR instr(lower(coalesce(last_name, '')), ?) > 0)";

const HAS_IN_USERNAME: &str = " AND instr(username, ?) > 0";

const HAS_IN_EMAIL: &str = " AND instr(coalesce(email, ''), ?) > 0";

const HAS_IN_FIRST_NAME: &str = " AND instr(lower(coalesce(first_name, '')), ?) > 0";

const HAS_IN_LAST_NAME: &str = " AND instr(lower(coalesce(last_name, '')), ?) > 0";

const IS_USERNAME: &str = " AND id IN (SELECT id FROM user WHERE realm_id = ? AND username = ?)";

const IS_EMAIL: &str = " AND id IN (SELECT id FROM user WHERE realm_id = ? AND email = ?)";

const IS_FIRST_NAME: &str = "
       AND id IN (SELECT id FROM user WHERE realm_id = ? AND first_name = ? COLLATE NOCASE)";

const IS_LAST_NAME: &str = "
       AND id IN (SELECT id FROM user WHERE realm_id = ? AND last_name = ? COLLATE NOCASE)";

/// Users that fit the question, by username.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    filter: &UserFilter,
    page: Page,
) -> Result<Vec<User>, StoreError> {
    let conditions = Conditions::of(realm, filter)?;
    let start = if conditions.narrow { LIST_AMONG } else { LIST };
    let statement = conditions.after(Statement::new(SELECT).push(start).bind(realm.as_str()));
    let statement = statement.push(PAGE).bind(page.max).bind(page.first);
    directory.run(statement).await?.iter().map(user_from_row).collect()
}

/// How many users fit the question. Counting everybody reads one row.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count(
    directory: &dyn Directory,
    realm: &RealmId,
    filter: &UserFilter,
) -> Result<i64, StoreError> {
    let statement = if *filter == UserFilter::default() {
        Statement::new(COUNT_PEOPLE).bind(realm.as_str())
    } else {
        let conditions = Conditions::of(realm, filter)?;
        let start = if conditions.narrow { COUNT_AMONG } else { COUNT };
        conditions.after(Statement::new(start).bind(realm.as_str()))
    };
    directory.run(statement).await?.first().map_or(Ok(0), |row| row.int("total"))
}

/// What stands behind `WHERE realm_id = ?`.
struct Conditions<'a> {
    realm: &'a RealmId,
    /// Whether one of them is answered by an index.
    narrow: bool,
    list: Vec<(&'static str, Vec<Value>)>,
    /// Questions for the index of trigrams, all of which must fit.
    matches: Vec<String>,
}

impl<'a> Conditions<'a> {
    fn of(realm: &'a RealmId, filter: &UserFilter) -> Result<Self, StoreError> {
        let mut this = Self { realm, narrow: false, list: Vec::new(), matches: Vec::new() };
        if let Some(ids) = &filter.ids {
            this.narrow = true;
            this.list.push((OF_IDS, vec![to_json(ids)?.into()]));
        }
        filter.words.iter().for_each(|word| this.add_word(word));
        filter.fields.iter().for_each(|(field, pattern)| this.add_field(*field, pattern));
        for (name, value) in &filter.attributes {
            this.look_up(WITH_ATTRIBUTE, &[name, value]);
        }
        if let Some(provider) = &filter.provider {
            this.look_up(OF_PROVIDER, &[provider]);
        }
        if let Some(user) = &filter.provider_user {
            this.look_up(OF_PROVIDER_USER, &[user]);
        }
        this.add_matches();
        this.judge(" AND email_verified = ?", filter.email_verified);
        this.judge(" AND enabled = ?", filter.enabled);
        this.judge(" AND created_at >= ?", filter.created_after);
        this.judge(" AND created_at <= ?", filter.created_before);
        if !filter.with_service_accounts {
            this.list.push((" AND service_account_for IS NULL", Vec::new()));
        }
        Ok(this)
    }

    fn after(self, start: Statement) -> Statement {
        self.list.into_iter().fold(start, |statement, (fragment, values)| {
            values.into_iter().fold(statement.push(fragment), Statement::bind)
        })
    }

    /// An index answers: its `?`s are the realm and `values`.
    fn look_up(&mut self, fragment: &'static str, values: &[&str]) {
        self.narrow = true;
        let realm = Value::from(self.realm.as_str());
        let values = values.iter().map(|value| Value::from(*value));
        self.list.push((fragment, std::iter::once(realm).chain(values).collect()));
    }

    /// An index answers for each of the four fields.
    fn look_up_anywhere(&mut self, fragment: &'static str, values: &[&str]) {
        self.narrow = true;
        let realm = std::iter::once(self.realm.as_str());
        let one: Vec<Value> = realm.chain(values.iter().copied()).map(Value::from).collect();
        self.list.push((fragment, vec![one; 4].into_iter().flatten().collect()));
    }

    fn judge(&mut self, fragment: &'static str, value: Option<impl Into<Value>>) {
        self.list.extend(value.map(|value| (fragment, vec![value.into()])));
    }

    /// Some field fits the word.
    fn add_word(&mut self, word: &Pattern) {
        match word {
            Pattern::Exact(text) => self.look_up_anywhere(IS_ANYWHERE, &[text]),
            Pattern::Like { start, parts } => {
                let fields = ["username", "email", "first_name", "last_name"];
                let fits: Vec<String> =
                    fields.iter().filter_map(|field| in_field(field, start, parts)).collect();
                if !fits.is_empty() {
                    self.matches.push(format!("({})", fits.join(" OR ")));
                }
                if !start.is_empty() && !is_indexed(start) {
                    let end = format!("{start}{}", char::MAX);
                    self.look_up_anywhere(BEGINS_ANYWHERE, &[start, &end]);
                }
                for part in parts.iter().filter(|part| !is_indexed(part)) {
                    self.list.push((HAS_ANYWHERE, vec![part.as_str().into(); 4]));
                }
            }
        }
    }

    /// The field fits.
    fn add_field(&mut self, field: Field, pattern: &Pattern) {
        let (column, is, has) = match field {
            Field::Username => ("username", IS_USERNAME, HAS_IN_USERNAME),
            Field::Email => ("email", IS_EMAIL, HAS_IN_EMAIL),
            Field::FirstName => ("first_name", IS_FIRST_NAME, HAS_IN_FIRST_NAME),
            Field::LastName => ("last_name", IS_LAST_NAME, HAS_IN_LAST_NAME),
        };
        match pattern {
            Pattern::Exact(text) => self.look_up(is, &[text]),
            Pattern::Like { start, parts } => {
                self.matches.extend(in_field(column, start, parts));
                for part in parts.iter().filter(|part| !is_indexed(part)) {
                    self.list.push((has, vec![part.as_str().into()]));
                }
            }
        }
    }

    fn add_matches(&mut self) {
        if !self.matches.is_empty() {
            self.narrow = true;
            self.list.push((MATCHING, vec![self.matches.join(" AND ").into()]));
        }
    }
}

/// Whether the index of trigrams can find `text`.
fn is_indexed(text: &str) -> bool {
    text.chars().count() >= INDEXED_CHARS
}

/// The question for the index whether `column` begins and contains what it must,
/// as far as the index can tell (SQLite FTS5 §3: phrases, `^`, column filters).
fn in_field(column: &str, start: &str, parts: &[String]) -> Option<String> {
    let quoted = |text: &str| text.replace('"', "\"\"");
    let start = is_indexed(start).then(|| format!("{column} : ^\"{}\"", quoted(start)));
    let parts = parts.iter().filter(|part| is_indexed(part));
    let parts = parts.map(|part| format!("{column} : \"{}\"", quoted(part)));
    let all: Vec<String> = start.into_iter().chain(parts).collect();
    (!all.is_empty()).then(|| format!("({})", all.join(" AND ")))
}
