//! TXT records, through DNS over HTTPS in its JSON form
//! (<https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/>).
use crate::platform::fetch::{Get, Outside};
use serde::Deserialize;

/// The type number of TXT records (RFC 1035 §3.2.2).
const TXT: u32 = 16;

/// Answer code: no error (RFC 1035 §4.1.1).
const NO_ERROR: u32 = 0;

/// Answer code: there is no such name (RFC 1035 §4.1.1).
const NO_SUCH_NAME: u32 = 3;

/// What a resolver answers; more than this is not looked at.
#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "Status")]
    status: u32,
    #[serde(rename = "Answer", default)]
    answer: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "type")]
    kind: u32,
    data: String,
}

/// The texts of the TXT records of `name`; none when there is no such name.
///
/// # Errors
/// Why nobody can tell, for people: the resolver did not answer, or failed.
pub async fn look_up(outside: &Outside, resolver: &str, name: &str) -> Result<Vec<String>, String> {
    let url = url::Url::parse_with_params(resolver, [("name", name), ("type", "TXT")])
        .map_err(|error| error.to_string())?;
    let get = Get { url: url.into(), accept: "application/dns-json" };
    let fetched = outside.get(&get).await.map_err(|error| error.to_string())?;
    if fetched.status != 200 {
        return Err(format!("status {}", fetched.status));
    }
    let reply: Reply = serde_json::from_slice(&fetched.body).map_err(|error| error.to_string())?;
    match reply.status {
        NO_ERROR => Ok(texts(&reply.answer)),
        NO_SUCH_NAME => Ok(Vec::new()),
        code => Err(format!("DNS error {code}")),
    }
}

fn texts(records: &[Record]) -> Vec<String> {
    records.iter().filter(|record| record.kind == TXT).map(|record| text(&record.data)).collect()
}

/// The text of a record as master files write it: strings in quotes, which belong
/// together, `\` before what is meant literally (RFC 1035 §5.1). Some resolvers
/// leave the quotes out.
fn text(data: &str) -> String {
    if !data.trim_start().starts_with('"') {
        return data.trim().to_owned();
    }
    let mut text = String::new();
    let mut quoted = false;
    let mut chars = data.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => text.extend(chars.next()),
            _ if quoted => text.push(c),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strings_of_a_record_are_put_together() {
        for (data, expected) in [
            (r#""abc""#, "abc"),
            (r#""abc" "def""#, "abcdef"),
            (r#""a\"b" "\\c""#, r#"a"b\c"#),
            ("abc", "abc"),
            (" ", ""),
            (r#""abc"#, "abc"),
        ] {
            assert_eq!(text(data), expected, "{data}");
        }
    }
}
