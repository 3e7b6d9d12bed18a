//! The parameter `claims` (OIDC Core §5.5): which claims a client wants where,
//! and which values they must have.
use crate::kernel::id::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest parameter, in bytes: every claim that we have, wanted twice, fits.
pub const MAX_CLAIMS_BYTES: usize = 2_000;

/// The members that are read (§5.5); others are ignored.
const PLACES: [&str; 2] = ["id_token", "userinfo"];

/// What is wanted, checked: for each place an object of `null`s and of objects
/// with `essential`, `value` and `values`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimsRequest(Value);

/// Text that is no such request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "claims must be a JSON object as OpenID Connect Core section 5.5 has it, of at most {MAX_CLAIMS_BYTES} bytes"
)]
pub struct BadClaims;

impl ClaimsRequest {
    /// Reads the parameter.
    ///
    /// # Errors
    /// `BadClaims` when it is anything else.
    pub fn parse(text: &str) -> Result<Self, BadClaims> {
        if text.len() > MAX_CLAIMS_BYTES {
            return Err(BadClaims);
        }
        let read: Map<String, Value> =
            crate::web::json::read(text.as_bytes()).map_err(|_| BadClaims)?;
        let known = read.into_iter().filter(|(place, _)| PLACES.contains(&place.as_str()));
        let kept: Map<String, Value> = known.collect();
        if kept.values().all(is_list_of_wishes) {
            Ok(Self(Value::Object(kept)))
        } else {
            Err(BadClaims)
        }
    }

    /// As whoever makes the tokens reads it.
    #[must_use]
    pub fn into_json(self) -> Value {
        self.0
    }

    /// Whether tokens about `user` would be what is asked for: a value of `sub`
    /// that differs forbids them (§5.5.1).
    #[must_use]
    pub fn admits(&self, user: &UserId) -> bool {
        PLACES
            .iter()
            .filter_map(|place| self.wish(place, "sub"))
            .all(|wish| values_of(wish).is_none_or(|values| values.contains(&user.as_str())))
    }

    /// The levels of which one must be reached (§5.5.1.1); `None` when any will do.
    #[must_use]
    pub fn essential_levels(&self) -> Option<Vec<&str>> {
        let wish = self.wish("id_token", "acr")?;
        let is_essential = wish.get("essential") == Some(&Value::Bool(true));
        values_of(wish).filter(|_| is_essential)
    }

    fn wish(&self, place: &str, claim: &str) -> Option<&Value> {
        self.0.get(place)?.get(claim)
    }
}

/// The values a wish allows; `None` when it says nothing of them.
fn values_of(wish: &Value) -> Option<Vec<&str>> {
    let one = wish.get("value").into_iter();
    let many = wish.get("values").and_then(Value::as_array).into_iter().flatten();
    let is_bound = wish.get("value").is_some() || wish.get("values").is_some();
    is_bound.then(|| one.chain(many).filter_map(Value::as_str).collect())
}

fn is_list_of_wishes(value: &Value) -> bool {
    value.as_object().is_some_and(|wishes| wishes.values().all(is_wish))
}

fn is_wish(wish: &Value) -> bool {
    match wish {
        Value::Null => true,
        Value::Object(members) => {
            members.get("essential").is_none_or(Value::is_boolean)
                && members.get("values").is_none_or(Value::is_array)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ClaimsRequest {
        ClaimsRequest::parse(text).unwrap()
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let deep = format!("{{\"id_token\":{}{}}}", "[".repeat(900), "]".repeat(900));
        let long = format!("{{\"x\":\"{}\"}}", "x".repeat(MAX_CLAIMS_BYTES));
        for text in [
            "",
            "null",
            "[]",
            "{",
            "{\"id_token\":null}",
            "{\"id_token\":[]}",
            "{\"userinfo\":{\"email\":true}}",
            "{\"id_token\":{\"acr\":{\"essential\":\"yes\"}}}",
            "{\"id_token\":{\"acr\":{\"values\":\"1\"}}}",
            &deep,
            &long,
        ] {
            assert_eq!(ClaimsRequest::parse(text), Err(BadClaims), "{text}");
        }
        assert_eq!(
            read("{\"other\":[1],\"userinfo\":{}}").into_json(),
            serde_json::json!({ "userinfo": {} })
        );
    }

    #[test]
    fn a_subject_that_differs_is_not_admitted() {
        let ann: UserId = "ann".parse().unwrap();
        for (text, admitted) in [
            ("{}", true),
            ("{\"id_token\":{\"sub\":null}}", true),
            ("{\"id_token\":{\"sub\":{\"value\":\"ann\"}}}", true),
            ("{\"id_token\":{\"sub\":{\"value\":\"ben\"}}}", false),
            ("{\"userinfo\":{\"sub\":{\"values\":[\"ben\",\"ann\"]}}}", true),
            ("{\"userinfo\":{\"sub\":{\"values\":[]}}}", false),
            ("{\"userinfo\":{\"sub\":{\"value\":7}}}", false),
        ] {
            assert_eq!(read(text).admits(&ann), admitted, "{text}");
        }
    }

    #[test]
    fn only_an_essential_level_binds() {
        let levels = |text| read(text).essential_levels().map(|found| found.join(","));
        assert_eq!(levels("{\"id_token\":{\"acr\":{\"values\":[\"1\"]}}}"), None);
        assert_eq!(levels("{\"id_token\":{\"acr\":{\"essential\":true}}}"), None);
        let text = "{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"1\",\"2\"]}}}";
        assert_eq!(levels(text), Some("1,2".to_owned()));
    }
}
