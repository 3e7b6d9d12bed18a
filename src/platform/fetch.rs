//! The outside world over HTTP, as a port, and the rules for going there.
use async_trait::async_trait;
use bytes::Bytes;
use std::rc::Rc;

/// Longest answer that is read, in bytes. Metadata of an identity provider is
/// the longest thing we ask for; federations' files of megabytes are not.
pub const MAX_FETCHED_BYTES: usize = 1024 * 1024;

/// How long an answer may take, whole, in milliseconds. Somebody waits for it.
pub const FETCH_TIMEOUT_MILLIS: u64 = 5_000;

/// What to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Get {
    /// The absolute URL.
    pub url: String,
    /// The media type wanted.
    pub accept: &'static str,
}

/// What to post: a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The absolute URL.
    pub url: String,
    /// The form, urlencoded.
    pub form: String,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// The body, at most one byte longer than [`MAX_FETCHED_BYTES`].
    pub body: Bytes,
}

/// Why nothing usable came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL is none that we go to.
    #[error("{0} is not an https URL of a public host")]
    Scheme(String),
    /// The other side sends us elsewhere. We do not follow: the way there was
    /// not checked.
    #[error("a redirect was answered, status {0}")]
    Redirect(u16),
    /// The answer is too long.
    #[error("the answer has more than {MAX_FETCHED_BYTES} bytes (MAX_FETCHED_BYTES)")]
    TooLong,
    /// The answer took too long.
    #[error("no answer came within {FETCH_TIMEOUT_MILLIS} ms (FETCH_TIMEOUT_MILLIS)")]
    Timeout,
    /// The other side could not be reached.
    #[error("no answer came: {0}")]
    Failed(String),
}

/// Sends a request. It follows no redirect, reads at most one byte more than
/// [`MAX_FETCHED_BYTES`], and gives up after [`FETCH_TIMEOUT_MILLIS`].
#[async_trait(?Send)]
pub trait Fetch {
    /// Gets `get`.
    ///
    /// # Errors
    /// `Timeout`, or `Failed` when the other side cannot be reached.
    async fn get(&self, get: &Get) -> Result<Fetched, FetchError>;

    /// Posts `post`.
    ///
    /// # Errors
    /// As [`Fetch::get`].
    async fn post(&self, post: &Post) -> Result<Fetched, FetchError>;
}

/// The one way out.
#[derive(Clone)]
pub struct Outside {
    fetch: Rc<dyn Fetch>,
    plain_http: bool,
}

impl Outside {
    /// `plain_http`: whether `http` URLs will do, as they must in development.
    #[must_use]
    pub fn new(fetch: Rc<dyn Fetch>, plain_http: bool) -> Self {
        Self { fetch, plain_http }
    }

    /// Gets `get`, within the rules.
    ///
    /// # Errors
    /// As [`FetchError`] says.
    pub async fn get(&self, get: &Get) -> Result<Fetched, FetchError> {
        if !self.goes_to(&get.url) {
            return Err(FetchError::Scheme(get.url.clone()));
        }
        judge(self.fetch.get(get).await?)
    }

    /// Posts `post`, within the rules.
    ///
    /// # Errors
    /// As [`FetchError`] says.
    pub async fn post(&self, post: &Post) -> Result<Fetched, FetchError> {
        if !self.goes_to(&post.url) {
            return Err(FetchError::Scheme(post.url.clone()));
        }
        judge(self.fetch.post(post).await?)
    }

    fn goes_to(&self, url: &str) -> bool {
        url::Url::parse(url).is_ok_and(|url| {
            let scheme_will_do =
                url.scheme() == "https" || self.plain_http && url.scheme() == "http";
            let host_will_do = self.plain_http || url.host().is_some_and(|host| is_public(&host));
            scheme_will_do && url.has_host() && host_will_do && url.username().is_empty()
        })
    }
}

fn judge(fetched: Fetched) -> Result<Fetched, FetchError> {
    if (300..400).contains(&fetched.status) {
        return Err(FetchError::Redirect(fetched.status));
    }
    if fetched.body.len() > MAX_FETCHED_BYTES {
        return Err(FetchError::TooLong);
    }
    Ok(fetched)
}

/// Whether a host can be somebody else's. A Worker reaches no network of ours;
/// what resolves to a private address is refused where it runs. This refuses
/// what says so itself, before anything is sent.
fn is_public(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name.contains('.')
                && !["localhost", "local", "internal", "home.arpa"]
                    .iter()
                    .any(|end| name == *end || name.ends_with(&format!(".{end}")))
        }
        url::Host::Ipv4(address) => is_public_v4(*address),
        url::Host::Ipv6(address) => match address.to_ipv4() {
            Some(v4) => is_public_v4(v4),
            // Global unicast only (RFC 4291 §2.4).
            None => address.segments().first().is_some_and(|first| first & 0xe000 == 0x2000),
        },
    }
}

fn is_public_v4(address: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let carrier = first == 100 && second & 0xc0 == 64; // RFC 6598
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || first == 0
        || carrier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    /// Answers everything alike.
    struct Canned(Fetched);

    #[async_trait(?Send)]
    impl Fetch for Canned {
        async fn get(&self, _: &Get) -> Result<Fetched, FetchError> {
            Ok(self.0.clone())
        }

        async fn post(&self, _: &Post) -> Result<Fetched, FetchError> {
            Ok(self.0.clone())
        }
    }

    /// What `get` answers, `post` answers too: both go out by one door.
    fn get(url: &str, plain_http: bool, status: u16, bytes: usize) -> Result<Fetched, FetchError> {
        let canned = Canned(Fetched { status, body: Bytes::from(vec![0; bytes]) });
        let get = Get { url: url.to_owned(), accept: "application/json" };
        let post = Post { url: url.to_owned(), form: String::new() };
        let outside = Outside::new(Rc::new(canned), plain_http);
        let got = block_on(outside.get(&get));
        assert_eq!(got, block_on(outside.post(&post)), "{url}");
        got
    }

    #[test]
    fn only_https_leads_out_unless_this_is_development() {
        assert!(get("https://dns.example/query", false, 200, 0).is_ok());
        assert!(get("http://localhost:5300/query", true, 200, 0).is_ok());
        for url in ["http://dns.example", "ftp://dns.example", "/query", "https://u:p@dns.example"]
        {
            assert!(matches!(get(url, false, 200, 0), Err(FetchError::Scheme(_))), "{url}");
        }
    }

    #[test]
    fn a_private_address_is_nobody_elses() {
        let private = [
            "localhost",
            "idp.localhost",
            "printer",
            "nas.local",
            "vault.internal",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "[::1]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:10.0.0.1]",
            "2130706433",
            "0x7f.1",
            "localhost.",
        ];
        for host in private {
            let refused = get(&format!("https://{host}/"), false, 200, 0);
            assert!(matches!(refused, Err(FetchError::Scheme(_))), "{host}");
            assert!(get(&format!("http://{host}/"), true, 200, 0).is_ok(), "{host} in development");
        }
        for host in ["idp.example", "1.1.1.1", "[2606:4700::1111]"] {
            assert!(get(&format!("https://{host}/"), false, 200, 0).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_redirect_and_a_flood_are_errors() {
        let url = "https://dns.example";
        assert_eq!(get(url, false, 302, 0), Err(FetchError::Redirect(302)));
        assert_eq!(get(url, false, 200, MAX_FETCHED_BYTES + 1), Err(FetchError::TooLong));
        assert!(get(url, false, 500, MAX_FETCHED_BYTES).is_ok(), "the caller judges a status");
    }
}
