//! Cookies: all of ours are `__Host-` (RFC 6265bis §4.1.3.2), so that no other
//! host or path can set or read them.
use super::Request;
use crate::kernel::time::Seconds;
use http::HeaderValue;

/// The value of cookie `name`. When a browser sends two of one name, none: one
/// of them may be planted.
#[must_use]
pub fn read<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request
        .headers()
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// A `Set-Cookie` that lives as long as the browser, or `max_age` seconds.
///
/// `SameSite=Lax`: the cookie must come along when an application sends the
/// browser to us, and must not when another site posts a form.
#[must_use]
pub fn set(name: &str, value: &str, max_age: Option<Seconds>) -> Option<HeaderValue> {
    let age = max_age.map(|Seconds(age)| format!("; Max-Age={age}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_cookie_sent_twice_is_not_believed() {
        let request = http::Request::get("/")
            .header("cookie", "__Host-a=1; __Host-b=2; __Host-b=3")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(read(&request, "__Host-a"), Some("1"));
        assert_eq!(read(&request, "__Host-b"), None);
        assert_eq!(read(&request, "__Host-c"), None);
    }
}
