//! Settings of a deployment, read once and checked at the door.
use crate::kernel::secret::Secret;

/// Where the deployment runs; development shows more and checks less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine or a test.
    Development,
    /// Anything reachable by strangers. The default.
    Production,
}

/// Every setting, checked.
#[derive(Debug)]
pub struct Config {
    /// Where the deployment runs.
    pub environment: Environment,
    /// The URL clients use, without a trailing slash; issuers grow from it.
    pub public_url: String,
    /// 32 bytes, base64url: every other key is derived from or wrapped by it.
    pub master_key: Secret,
    /// The password of `admin` in realm `master`, used when that realm is made.
    pub admin_password: Secret,
    /// The secret of the client `admin-service` in realm `master`, if it is to exist.
    pub admin_service_secret: Option<Secret>,
    /// Who delivers our mail, if anybody does.
    pub mail: Option<MailSettings>,
    /// A DNS resolver that speaks JSON over HTTPS, for the verification of domains.
    pub dns_resolver_url: String,
}

/// An HTTP API that takes a mail as JSON: `{from, to, subject, text, html}`.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Where to post it.
    pub url: String,
    /// The bearer token.
    pub token: Secret,
    /// The sender's address.
    pub from: String,
}

/// A setting that is missing or malformed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {name}: {problem}")]
pub struct BadSetting {
    /// The variable's name.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// The shortest `ADMIN_PASSWORD` of a deployment, in characters (NIST SP
/// 800-63B-4 §3.1.1.2 asks for 15 where a password stands alone).
pub const MIN_ADMIN_PASSWORD_CHARS: usize = 15;

impl Config {
    /// Reads every setting through `get`: `env.var` on Workers, a map in tests.
    ///
    /// # Errors
    /// The first setting that is missing or malformed.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, BadSetting> {
        let environment = environment(get("ENVIRONMENT").as_deref())?;
        Ok(Self {
            environment,
            public_url: public_url(get("PUBLIC_URL"), environment)?,
            master_key: get("MASTER_KEY")
                .map(Secret::new)
                .ok_or(BadSetting { name: "MASTER_KEY", problem: "is not set" })?,
            admin_password: admin_password(get("ADMIN_PASSWORD"), environment)?,
            admin_service_secret: get("ADMIN_SERVICE_SECRET")
                .filter(|text| !text.is_empty())
                .map(Secret::new),
            mail: mail(&get)?,
            dns_resolver_url: dns_resolver_url(get("DNS_RESOLVER_URL"), environment)?,
        })
    }
}

fn mail(get: impl Fn(&str) -> Option<String>) -> Result<Option<MailSettings>, BadSetting> {
    let Some(url) = get("MAIL_URL") else { return Ok(None) };
    let need = |name| get(name).ok_or(BadSetting { name, problem: "is not set, but MAIL_URL is" });
    if !url.starts_with("https://") {
        return Err(BadSetting { name: "MAIL_URL", problem: "does not start with https://" });
    }
    let token = Secret::new(need("MAIL_TOKEN")?);
    Ok(Some(MailSettings { url, token, from: need("MAIL_FROM")? }))
}

/// Cloudflare's resolver, which is next door.
const DEFAULT_DNS_RESOLVER_URL: &str = "https://cloudflare-dns.com/dns-query";

fn dns_resolver_url(text: Option<String>, environment: Environment) -> Result<String, BadSetting> {
    let bad = |problem| BadSetting { name: "DNS_RESOLVER_URL", problem };
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(DEFAULT_DNS_RESOLVER_URL.to_owned());
    };
    let url = url::Url::parse(&text).map_err(|_| bad("is not an absolute URL"))?;
    match (url.scheme(), environment) {
        ("https", _) | ("http", Environment::Development) => Ok(text),
        _ => Err(bad("must start with https:// outside development")),
    }
}

fn environment(text: Option<&str>) -> Result<Environment, BadSetting> {
    match text {
        None | Some("production") => Ok(Environment::Production),
        Some("development") => Ok(Environment::Development),
        Some(_) => Err(BadSetting {
            name: "ENVIRONMENT",
            problem: "is neither development nor production",
        }),
    }
}

fn public_url(text: Option<String>, environment: Environment) -> Result<String, BadSetting> {
    let bad = |problem| BadSetting { name: "PUBLIC_URL", problem };
    let text = text.ok_or(bad("is not set"))?;
    let url = url::Url::parse(&text).map_err(|_| bad("is not an absolute URL"))?;
    match (url.scheme(), environment) {
        ("https", _) | ("http", Environment::Development) => {}
        _ => return Err(bad("must start with https:// outside development")),
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(bad("may hold a host, a port and a path only"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn admin_password(text: Option<String>, environment: Environment) -> Result<Secret, BadSetting> {
    let bad = |problem| BadSetting { name: "ADMIN_PASSWORD", problem };
    match (text, environment) {
        (Some(text), Environment::Development) if !text.is_empty() => Ok(Secret::new(text)),
        (_, Environment::Development) => Ok(Secret::new("admin")),
        (Some(text), Environment::Production)
            if text.chars().count() >= MIN_ADMIN_PASSWORD_CHARS =>
        {
            Ok(Secret::new(text))
        }
        (Some(_), Environment::Production) => Err(bad("is shorter than 15 characters")),
        (None, Environment::Production) => Err(bad("is not set")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, String> {
        let base = [("MASTER_KEY", "k"), ("PUBLIC_URL", "https://id.example.com/")];
        let find = |name: &str| {
            let all = settings.iter().chain(&base);
            all.clone().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Config::read(find).map_err(|error| error.to_string())
    }

    #[test]
    fn a_deployment_refuses_a_default_password() {
        let refused = [
            (&[][..], "setting ADMIN_PASSWORD: is not set"),
            (
                &[("ADMIN_PASSWORD", "admin")],
                "setting ADMIN_PASSWORD: is shorter than 15 characters",
            ),
        ];
        for (settings, problem) in refused {
            assert_eq!(read(settings).unwrap_err(), problem);
        }
        assert!(read(&[("ADMIN_PASSWORD", "correct horse battery")]).is_ok());
    }

    #[test]
    fn development_has_an_administrator_called_admin() {
        let config = read(&[("ENVIRONMENT", "development")]).unwrap();
        assert_eq!(config.admin_password.expose(), "admin");
    }

    #[test]
    fn a_malformed_setting_is_named() {
        let password = ("ADMIN_PASSWORD", "correct horse battery");
        let refused = [
            (("PUBLIC_URL", "id.example.com"), "setting PUBLIC_URL: is not an absolute URL"),
            (
                ("PUBLIC_URL", "http://id.example.com"),
                "setting PUBLIC_URL: must start with https:// outside development",
            ),
            (
                ("ENVIRONMENT", "staging"),
                "setting ENVIRONMENT: is neither development nor production",
            ),
            (
                ("DNS_RESOLVER_URL", "http://localhost:5300/dns-query"),
                "setting DNS_RESOLVER_URL: must start with https:// outside development",
            ),
            (
                ("MAIL_URL", "https://mail.example.com/send"),
                "setting MAIL_TOKEN: is not set, but MAIL_URL is",
            ),
        ];
        for (setting, problem) in refused {
            assert_eq!(read(&[password, setting]).unwrap_err(), problem);
        }
    }

    #[test]
    fn the_public_url_loses_its_last_slash() {
        let config = read(&[("ADMIN_PASSWORD", "correct horse battery")]).unwrap();
        assert_eq!(config.public_url, "https://id.example.com");
    }
}
