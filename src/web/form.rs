//! `application/x-www-form-urlencoded` bodies and query strings.
use super::Request;

/// The parameters of a body or a query string, in order, repeats included.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

/// A parameter that is required and absent, or that stands there twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadParameter {
    /// Absent or empty: RFC 6749 §3.2 treats the two alike.
    #[error("parameter {0} is missing")]
    Missing(&'static str),
    /// RFC 6749 §3.1 and §3.2: parameters MUST NOT be included more than once.
    #[error("parameter {0} is repeated")]
    Repeated(&'static str),
}

impl Form {
    /// Reads urlencoded text.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// The query of `request`.
    #[must_use]
    pub fn query(request: &Request) -> Self {
        Self::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    /// The body of `request`, or `None` when its content type is another.
    #[must_use]
    pub fn body(request: &Request) -> Option<Self> {
        super::answer::has_media_type(request, "application/x-www-form-urlencoded")
            .then(|| Self::parse(request.body()))
    }

    /// The one value of `name`.
    ///
    /// # Errors
    /// `Missing` when it is absent or empty, `Repeated` when it is there twice.
    pub fn one(&self, name: &'static str) -> Result<&str, BadParameter> {
        self.at_most_one(name)?.ok_or(BadParameter::Missing(name))
    }

    /// The value of `name`, if there is one; an empty value counts as none.
    ///
    /// # Errors
    /// `Repeated` when it is there twice.
    pub fn at_most_one(&self, name: &'static str) -> Result<Option<&str>, BadParameter> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(BadParameter::Repeated(name)),
            (value, None) => Ok(value.map(String::as_str).filter(|value| !value.is_empty())),
        }
    }

    /// The first value of `name`, repeats ignored: for the admin dialects, whose
    /// clients rely on it.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the first value of `name` says yes: the admin dialects take `True`,
    /// as Python writes it, for `true`, and every other word for no. `None` when
    /// nothing is said.
    #[must_use]
    pub fn truth(&self, name: &str) -> Option<bool> {
        let said = self.first(name).filter(|value| !value.is_empty());
        said.map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Every parameter, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Form {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused_even_when_equal() {
        let form = Form::parse(b"code=a&code=a&state=");
        assert_eq!(form.one("code"), Err(BadParameter::Repeated("code")));
        assert_eq!(form.one("state"), Err(BadParameter::Missing("state")));
        assert_eq!(form.at_most_one("state"), Ok(None));
        assert_eq!(form.at_most_one("nonce"), Ok(None));
    }

    #[test]
    fn yes_is_true_whatever_its_case() {
        let form = Form::parse(b"a=true&b=True&c=false&d=yes&e=&b=false");
        for (name, truth) in [
            ("a", Some(true)),
            ("b", Some(true)),
            ("c", Some(false)),
            ("d", Some(false)),
            ("e", None),
            ("f", None),
        ] {
            assert_eq!(form.truth(name), truth, "{name}");
        }
    }
}
