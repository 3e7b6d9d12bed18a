//! What stands in the way of an import, told with the organization it is about.

/// What kind of obstacle it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document, or what it needs, is not there.
    Bad,
    /// What it would make is there already.
    Taken,
    /// The caller may not make it.
    Forbidden,
}

/// An obstacle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Of what kind.
    pub kind: Kind,
    /// In words.
    pub text: String,
}

/// Phase Two's words for names that exist (reference phasetwo.md §7).
pub const DUPLICATE: &str = "Imported organizations duplicate.";

/// The obstacles found so far, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Notes that something about the organization called `org` cannot be.
    pub fn bad(&mut self, org: &str, why: impl std::fmt::Display) {
        self.add(Kind::Bad, format!("organization {org}: {why}"));
    }

    /// Notes that something of the organization called `org` is there already.
    pub fn taken(&mut self, org: &str, why: impl std::fmt::Display) {
        self.add(Kind::Taken, format!("organization {org}: {why}"));
    }

    /// Notes something about the document as a whole.
    pub fn add(&mut self, kind: Kind, text: impl Into<String>) {
        self.0.push(Problem { kind, text: text.into() });
    }
}
