//! Paths of administration, as audit events name them.
use super::inquiry::Inquiry;

/// The path of the request below its realm, such as `clients/{id}/roles`.
#[must_use]
pub fn of_request(inquiry: &Inquiry<'_>) -> String {
    let path = inquiry.request.uri().path();
    let below = path.strip_prefix("/admin/realms/").and_then(|rest| rest.split_once('/'));
    below.map_or(path, |(_, rest)| rest).to_owned()
}
