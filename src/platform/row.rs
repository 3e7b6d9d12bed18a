//! Rows and values, as both SQLite databases (D1's and an object's) give them.
use crate::kernel::time::Timestamp;

/// One SQL value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Kept within ±2^53: Workers passes SQL integers as JavaScript numbers.
    Int(i64),
    /// UTF-8 text.
    Text(String),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.as_unix())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Why a database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A UNIQUE or PRIMARY KEY constraint stands in the way. `what` is SQLite's
    /// list of columns, such as `user.realm_id, user.email`.
    #[error("there is such a row already: {what}")]
    Conflict {
        /// The columns of the constraint.
        what: String,
    },
    /// A CHECK constraint that the schema gave a name stands in the way.
    #[error("a rule of the schema is broken: {rule}")]
    Broken {
        /// The constraint's name, such as `group_too_deep`.
        rule: String,
    },
    /// What the row refers to by a foreign key is not there.
    #[error("what the row refers to is not there")]
    Dangling,
    /// The database refused the statement or could not be reached.
    #[error("the database refused: {0}")]
    Refused(String),
    /// A stored value breaks our own rules: a bug here, never the caller's fault.
    #[error("column {column} holds a value this version cannot read")]
    Corrupt {
        /// The column that could not be read.
        column: &'static str,
    },
    /// Another object did not answer.
    #[error("an object did not answer: {0}")]
    Unreachable(String),
}

impl StoreError {
    /// Reads an error message of every SQLite we meet (an object's, D1's,
    /// rusqlite's): all three carry SQLite's own text.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        let until = |text: &str, end: fn(char) -> bool| {
            text[..text.find(end).unwrap_or(text.len())].trim().to_owned()
        };
        if let Some((_, columns)) = message.split_once("UNIQUE constraint failed: ") {
            let is_end = |c: char| !(c.is_alphanumeric() || "._, ".contains(c));
            return Self::Conflict { what: until(columns, is_end) };
        }
        if let Some((_, rule)) = message.split_once("CHECK constraint failed: ") {
            return Self::Broken { rule: until(rule, |c| !(c.is_alphanumeric() || c == '_')) };
        }
        if message.contains("FOREIGN KEY constraint failed") {
            return Self::Dangling;
        }
        Self::Refused(message.to_owned())
    }

    /// Whether the CHECK constraint called `rule` was the reason.
    #[must_use]
    pub fn breaks(&self, rule: &str) -> bool {
        matches!(self, Self::Broken { rule: broken } if broken == rule)
    }

    /// Whether a UNIQUE constraint on `column` (`table.column`) was the reason.
    #[must_use]
    pub fn is_conflict_on(&self, column: &str) -> bool {
        matches!(self, Self::Conflict { what } if what.split(", ").any(|name| name == column))
    }
}

/// One row of an answer: column names and values, in the statement's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<(String, Value)>);

impl Row {
    fn value(&self, column: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }

    /// The text of `column`.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or not text.
    pub fn text(&self, column: &'static str) -> Result<&str, StoreError> {
        self.text_or_null(column)?.ok_or(StoreError::Corrupt { column })
    }

    /// The text of `column`, or `None` for NULL.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or neither NULL nor text.
    pub fn text_or_null(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match self.value(column) {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(StoreError::Corrupt { column }),
        }
    }

    /// `column` as a `T`, such as an id.
    ///
    /// # Errors
    /// `Corrupt` when the text does not parse as `T`.
    pub fn parse<T: std::str::FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::Corrupt { column })
    }

    /// `column` as a `T`, or `None` for NULL.
    ///
    /// # Errors
    /// `Corrupt` when the text does not parse as `T`.
    pub fn parse_or_null<T: std::str::FromStr>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.text_or_null(column)?;
        text.map(|text| text.parse().map_err(|_| StoreError::Corrupt { column })).transpose()
    }

    /// `column`, which holds JSON, as a `T`.
    ///
    /// # Errors
    /// `Corrupt` when the text is not the JSON of a `T`.
    pub fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        // Of bytes, as bodies are read, so that only one reader of each `T` is compiled.
        serde_json::from_slice(self.text(column)?.as_bytes())
            .map_err(|_| StoreError::Corrupt { column })
    }

    /// The integer of `column`.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or not an integer.
    pub fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        match self.value(column) {
            Some(Value::Int(number)) => Ok(*number),
            _ => Err(StoreError::Corrupt { column }),
        }
    }

    /// The truth of `column`, stored as 0 or 1.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or not an integer.
    pub fn truth(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// The truth of `column`, or `None` for NULL.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or neither NULL nor an integer.
    pub fn truth_or_null(&self, column: &'static str) -> Result<Option<bool>, StoreError> {
        match self.value(column) {
            Some(Value::Null) => Ok(None),
            _ => self.truth(column).map(Some),
        }
    }

    /// The time in `column`.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or not an integer.
    pub fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_unix)
    }

    /// The time in `column`, or `None` for NULL.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or neither NULL nor an integer.
    pub fn time_or_null(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        match self.value(column) {
            Some(Value::Null) => Ok(None),
            _ => self.time(column).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_rule_is_told_by_its_name() {
        for message in [
            "D1_ERROR: CHECK constraint failed: group_too_deep: SQLITE_CONSTRAINT (extended: \
             SQLITE_CONSTRAINT_CHECK)",
            "CHECK constraint failed: group_too_deep: SQLITE_CONSTRAINT",
            "CHECK constraint failed: group_too_deep",
        ] {
            let error = StoreError::from_message(message);
            assert!(error.breaks("group_too_deep") && !error.breaks("group"), "{error:?}");
        }
        let dangling = "D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: \
                        SQLITE_CONSTRAINT_FOREIGNKEY)";
        assert!(matches!(StoreError::from_message(dangling), StoreError::Dangling));
    }

    /// The texts D1, an object and rusqlite were seen to give.
    #[test]
    fn a_unique_violation_is_told_from_a_failure() {
        let known = [
            "D1_ERROR: UNIQUE constraint failed: user.realm_id, user.email: SQLITE_CONSTRAINT",
            "UNIQUE constraint failed: user.realm_id, user.email: SQLITE_CONSTRAINT",
            "UNIQUE constraint failed: user.realm_id, user.email",
        ];
        for message in known {
            let error = StoreError::from_message(message);
            assert!(error.is_conflict_on("user.email"), "{message}: {error:?}");
            assert!(!error.is_conflict_on("user.username"), "{message}: {error:?}");
        }
        assert!(matches!(StoreError::from_message("no such table: x"), StoreError::Refused(_)));
    }
}
