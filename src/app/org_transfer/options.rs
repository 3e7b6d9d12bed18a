//! What the query of an import says.
use crate::web::form::Form;

/// How to import.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the wire's")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only tell what would be made, and what stands in the way.
    pub dry_run: bool,
    /// Pass over members whom the realm does not know, and invitations whose
    /// inviter is no member.
    pub skip_missing_member: bool,
    /// Pass over identity providers that the realm does not know.
    pub skip_missing_idp: bool,
    /// Pass over organizations that are there already: of Phase Two's `OpenAPI`
    /// document.
    pub skip_existing: bool,
    /// Take the members of a document in the form of that document, too.
    pub import_members: bool,
}

impl Options {
    /// What `query` says; a switch is off unless it is `true`.
    #[must_use]
    pub fn read(query: &Form) -> Self {
        let on = |name| query.truth(name) == Some(true);
        Self {
            dry_run: on("dryRun"),
            skip_missing_member: on("skipMissingMember"),
            skip_missing_idp: on("skipMissingIdp"),
            skip_existing: on("skipExisting"),
            import_members: on("importMembers"),
        }
    }
}
