//! Redirect URIs: which may be registered, and those that have a place for the
//! name of an organization (reference auth0-and-peers.md §1.6).

/// Where the alias of an organization stands. Only a whole left-most label of the
/// host, or a whole segment of the path, so that nothing but the name can stand
/// there.
pub const PLACE: &str = "{organization_name}";

/// Longest label of a host (RFC 1035 §2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// Passes an address that may be registered.
///
/// RFC 9700 §2.1: redirect URIs are compared exactly, so a pattern would match
/// nothing. RFC 6749 §3.1.2: absolute, without a fragment. RFC 9700 §2.6: a code
/// goes over the network under TLS only.
///
/// # Errors
/// What is wrong with it, to follow the address.
pub fn check(uri: &str) -> Result<(), String> {
    if uri.contains('*') {
        return Err("is a pattern: redirect URIs are compared exactly (RFC 9700 section 2.1), so \
                    list each address in full"
            .to_owned());
    }
    if uri.contains(['{', '}']) {
        return check_place(uri);
    }
    check_address(uri)
}

fn check_address(uri: &str) -> Result<(), String> {
    let Ok(parsed) = url::Url::parse(uri) else {
        return Err("is not an absolute URI".to_owned());
    };
    if parsed.fragment().is_some() {
        return Err("has a fragment".to_owned());
    }
    if ["javascript", "data", "vbscript", "blob", "file"].contains(&parsed.scheme()) {
        return Err("has a scheme that runs in the browser".to_owned());
    }
    if parsed.scheme() == "http" && !parsed.host_str().is_some_and(is_this_machine) {
        return Err("is http, and not of this machine (RFC 9700 section 2.6)".to_owned());
    }
    Ok(())
}

/// Whether `host` never leaves the machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC
/// 4291 §2.5.3).
fn is_this_machine(host: &str) -> bool {
    let is_named = host == "localhost" || host.ends_with(".localhost");
    let is_numbered = host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback());
    is_named || is_numbered || host == "[::1]"
}

/// Whether `uri` is `registered` but for its port: an app on somebody's machine
/// listens where it finds room (RFC 8252 §7.3). Only where the host is a number of
/// the loopback; a name could lead elsewhere (§8.3).
#[must_use]
pub fn differs_in_loopback_port(registered: &str, uri: &str) -> bool {
    LOOPBACKS.iter().any(|loopback| {
        let known = registered.strip_prefix(loopback).and_then(without_port);
        known.is_some() && known == uri.strip_prefix(loopback).and_then(without_port)
    })
}

const LOOPBACKS: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// What follows the port, or the host where there is none.
fn without_port(after_host: &str) -> Option<&str> {
    let rest = match after_host.strip_prefix(':') {
        None => after_host,
        Some(port_on) => {
            let end = port_on.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(port_on.len());
            let (port, rest) = port_on.split_at(end);
            let is_port = !port.starts_with('0') && port.parse::<u16>().is_ok();
            is_port.then_some(rest)?
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}

/// An address of the web with one place for a name, below a domain of the
/// registrant's own.
fn check_place(uri: &str) -> Result<(), String> {
    let sole = format!(
        "may have {PLACE} once, as the whole left-most label of a host below another, or as a \
         whole segment of the path"
    );
    let Some(parts) = Parts::of(uri) else { return Err(sole) };
    let once = uri.matches(PLACE).count() == 1 && !uri.replace(PLACE, "").contains(['{', '}']);
    let is_web = matches!(parts.scheme, "https" | "http");
    let below = parts.authority.strip_prefix(PLACE).and_then(|rest| rest.strip_prefix('.'));
    let in_host = below.is_some_and(is_own_domain);
    let in_path = !parts.authority.contains(PLACE) && parts.segments().any(|one| one == PLACE);
    if !once || !is_web || parts.authority.contains('@') || !(in_host || in_path) {
        return Err(sole);
    }
    check_address(&uri.replace(PLACE, "name"))
}

/// A domain of at least two labels, or one of this machine, with or without a port.
fn is_own_domain(authority: &str) -> bool {
    let host = authority.split(':').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let is_local = labels.last() == Some(&"localhost");
    let is_named = labels.iter().all(|label| is_label(label));
    let is_number = labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    is_named && !is_number && (is_local || labels.len() > 1)
}

/// The address of the organization called `name` by `template`; `None` when the
/// template has no place for it, or the name cannot stand there.
#[must_use]
pub fn fill(template: &str, name: &str) -> Option<String> {
    let parts = Parts::of(template)?;
    if parts.authority.contains(PLACE) {
        let label = name.to_ascii_lowercase();
        return is_label(&label).then(|| template.replacen(PLACE, &label, 1));
    }
    let fits = parts.segments().any(|one| one == PLACE) && is_segment(name);
    fits.then(|| template.replacen(PLACE, name, 1))
}

/// Letters, digits and hyphens (RFC 1123 §2.1), and nothing that browsers show as
/// other letters (RFC 5890 §2.3.2.1).
fn is_label(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let edges = text.starts_with('-') || text.ends_with('-');
    let is_reserved = text.get(2..4) == Some("--");
    (1..=MAX_LABEL_BYTES).contains(&text.len())
        && text.bytes().all(allowed)
        && !edges
        && !is_reserved
}

/// Characters that mean nothing in a path (RFC 3986 §2.3), and no navigation.
fn is_segment(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    !text.is_empty() && text.bytes().all(allowed) && text != "." && text != ".."
}

/// The parts of an address that are told apart before it is one.
struct Parts<'a> {
    scheme: &'a str,
    authority: &'a str,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        Some(Self { scheme, authority, path })
    }

    fn segments(&self) -> impl Iterator<Item = &'a str> {
        self.path.split('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_one_address() {
        for good in ["https://app.example/cb", "http://127.0.0.1:3000/", "com.example.app:/cb"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let bad =
            ["https://app.example/*", "*", "/callback", "app", "https://a.example/#x", "data:,x"];
        for uri in bad {
            assert!(check(uri).is_err(), "{uri}");
        }
        assert!(check("javascript:alert(1)").is_err());
    }

    /// RFC 9700 §2.6.
    #[test]
    fn a_code_leaves_the_machine_under_tls_only() {
        for good in [
            "http://localhost:3000/cb",
            "http://app.localhost/cb",
            "http://127.0.0.2/cb",
            "http://[::1]:8080/cb",
            "http://{organization_name}.localhost/cb",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "http://app.example/cb",
            "http://localhost.evil.example/cb",
            "http://notlocalhost/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://10.0.0.1/cb",
            "http://localhost@evil.example/cb",
            "http://{organization_name}.app.example/cb",
            "http://app.example/{organization_name}/cb",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    /// RFC 8252 §7.3, §8.3.
    #[test]
    fn only_the_port_of_a_numbered_loopback_may_differ() {
        let (any, fixed) = ("http://127.0.0.1/cb", "http://127.0.0.1:3000/cb?x=1");
        for (registered, uri) in [
            (any, "http://127.0.0.1:49152/cb"),
            (any, any),
            (fixed, "http://127.0.0.1:1/cb?x=1"),
            (fixed, "http://127.0.0.1/cb?x=1"),
            ("http://[::1]:80", "http://[::1]:65535"),
        ] {
            assert!(differs_in_loopback_port(registered, uri), "{uri}");
        }
        for (registered, uri) in [
            (any, "http://127.0.0.1:/cb"),
            (any, "http://127.0.0.1:0/cb"),
            (any, "http://127.0.0.1:65536/cb"),
            (any, "http://127.0.0.1:080/cb"),
            (any, "http://127.0.0.1:80@evil.example/cb"),
            (any, "http://127.0.0.1.evil.example/cb"),
            (any, "http://127.0.0.1:3000/cb/"),
            (any, "http://127.0.0.1:3000/cb?x=1"),
            (any, "http://127.0.0.1:3000\\@evil.example/cb"),
            (any, "https://127.0.0.1:3000/cb"),
            (any, "http://localhost:3000/cb"),
            (any, "http://[::1]:3000/cb"),
            ("http://localhost:3000/cb", "http://localhost:3001/cb"),
            ("https://127.0.0.1/cb", "https://127.0.0.1:3000/cb"),
        ] {
            assert!(!differs_in_loopback_port(registered, uri), "{uri}");
        }
    }

    #[test]
    fn a_place_for_a_name_is_a_whole_label_or_a_whole_segment() {
        for good in [
            "https://{organization_name}.app.example/cb",
            "https://{organization_name}.app.example:8443/cb?x=1",
            "http://{organization_name}.localhost:3000/cb",
            "https://app.example/{organization_name}/cb",
            "https://app.example/t/{organization_name}",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "https://{organization_name}/cb",
            "https://{organization_name}.example/cb",
            "https://{organization_name}.com:443/cb",
            "https://{organization_name}.0.0.1/cb",
            "https://my-{organization_name}.app.example/cb",
            "https://{organization_name}-x.app.example/cb",
            "https://www.{organization_name}.app.example/cb",
            "https://{organization_name}@app.example/cb",
            "https://x@app.example/{organization_name}",
            "https://{organization_name}.app.example/{organization_name}",
            "https://app.example/x{organization_name}/cb",
            "https://app.example/cb?org={organization_name}",
            "https://app.example/cb#{organization_name}",
            "https://{organization_name}.app.example/#x",
            "https://{organization}.app.example/cb",
            "https://app.example/{other}",
            "com.example.app://x.y/{organization_name}",
            "{organization_name}://app.example/cb",
            "https://{organization_name}.*.example/cb",
            "javascript://x.example/{organization_name}",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_a_name_that_is_one_label_or_segment_is_filled_in() {
        let host = "https://{organization_name}.app.example/cb";
        assert_eq!(fill(host, "Acme-1"), Some("https://acme-1.app.example/cb".to_owned()));
        for name in ["", "-a", "a-", "a.b", "a_b", "xn--80ak6aa92e", "\u{430}pple", "a/b", "a%2e"] {
            assert_eq!(fill(host, name), None, "{name}");
        }
        assert_eq!(fill(host, &"a".repeat(64)), None);
        let path = "https://app.example/{organization_name}/cb";
        assert_eq!(fill(path, "Acme_1"), Some("https://app.example/Acme_1/cb".to_owned()));
        for name in ["", ".", "..", "a/b", "a%2fb", "a b", "a?b", "\u{430}"] {
            assert_eq!(fill(path, name), None, "{name}");
        }
        assert_eq!(fill("https://app.example/cb", "acme"), None);
    }
}
