//! Which handler answers a method and a path.
use http::Method;

/// One line of a route table.
#[derive(Clone, Debug)]
pub struct Route<H> {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for one segment and `{*name}` for the rest.
    pub path: &'static str,
    /// Who answers.
    pub handler: H,
}

/// The segments that a path filled in, by name, percent-decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// The segment called `name`, or `other` when the route has none or it is
    /// empty.
    #[must_use]
    pub fn get_or<'a>(&'a self, name: &str, other: &'a str) -> &'a str {
        Some(self.get(name)).filter(|text| !text.is_empty()).unwrap_or(other)
    }

    /// The segment called `name`; empty when the route has none of that name,
    /// which then parses as nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// What a router knows about a request.
pub enum Found<'a, H> {
    /// A handler, and what the path filled in.
    Handler(&'a H, Params),
    /// The path exists, the method does not; these do.
    Method(Vec<Method>),
    /// No such path.
    Nothing,
}

/// A route table, ready to be asked.
pub struct Router<H> {
    paths: matchit::Router<Vec<(Method, H)>>,
}

/// A route table that contradicts itself.
#[derive(Debug, thiserror::Error)]
#[error("route {path}: {problem}")]
pub struct BadRoute {
    path: &'static str,
    problem: String,
}

impl<H> Router<H> {
    /// Builds a router from its table.
    ///
    /// # Errors
    /// `BadRoute` when two paths of the table cannot be told apart.
    pub fn new(routes: Vec<Route<H>>) -> Result<Self, BadRoute> {
        let mut by_path: Vec<(&'static str, Vec<(Method, H)>)> = Vec::new();
        for route in routes {
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((path, methods))
                    if methods.iter().any(|(known, _)| *known == route.method) =>
                {
                    let problem = format!("{} is answered twice", route.method);
                    return Err(BadRoute { path, problem });
                }
                Some((_, methods)) => methods.push((route.method, route.handler)),
                None => by_path.push((route.path, vec![(route.method, route.handler)])),
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths
                .insert(path, methods)
                .map_err(|error| BadRoute { path, problem: error.to_string() })?;
        }
        Ok(Self { paths })
    }

    /// Finds who answers `method` on `path`. HEAD is answered as GET.
    pub fn find(&self, method: &Method, path: &str) -> Found<'_, H> {
        let Ok(found) = self.paths.at(path) else { return Found::Nothing };
        let asked = if method == Method::HEAD { &Method::GET } else { method };
        match found.value.iter().find(|(known, _)| known == asked) {
            Some((_, handler)) => {
                let decoded = found
                    .params
                    .iter()
                    .map(|(key, value)| (key.to_owned(), decoded_segment(value)));
                Found::Handler(handler, Params(decoded.collect()))
            }
            None => Found::Method(found.value.iter().map(|(known, _)| known.clone()).collect()),
        }
    }
}

/// Percent-decodes a path segment. (`+` means itself in a path, so the form
/// decoder gets it escaped.)
#[must_use]
pub fn decoded_segment(segment: &str) -> String {
    let text = format!("v={}", segment.replace('+', "%2B").replace('&', "%26"));
    let decoded = url::form_urlencoded::parse(text.as_bytes()).next();
    decoded.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// `text` as one segment of a path.
#[must_use]
pub fn path_segment(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // The form encoder writes a space as `+`, and a plus escaped.
    encoded.replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router<u8> {
        let route = |method, path, handler| Route { method, path, handler };
        Router::new(vec![
            route(Method::GET, "/orgs/{org}", 1),
            route(Method::DELETE, "/orgs/{org}", 2),
            route(Method::GET, "/orgs/{org}/roles/{role}", 3),
        ])
        .unwrap()
    }

    #[test]
    fn a_segment_is_decoded_once() {
        let router = router();
        let Found::Handler(3, params) = router.find(&Method::GET, "/orgs/a/roles/b+c%2Fd%2525&e")
        else {
            panic!("no route");
        };
        assert_eq!((params.get("org"), params.get("role")), ("a", "b+c/d%25&e"));
    }

    #[test]
    fn a_table_that_answers_twice_is_none() {
        let route = || Route { method: Method::GET, path: "/orgs", handler: 1 };
        assert!(Router::new(vec![route(), route()]).is_err());
    }

    #[test]
    fn a_segment_comes_back_as_it_went() {
        for text in ["a b+c", "Ä/%2F", "?#&=", "plain"] {
            assert_eq!(decoded_segment(&path_segment(text)), text);
        }
    }

    #[test]
    fn a_wrong_method_is_told_from_a_wrong_path() {
        let router = router();
        let Found::Method(allowed) = router.find(&Method::PUT, "/orgs/a") else {
            panic!("not told");
        };
        assert_eq!(allowed, [Method::GET, Method::DELETE]);
        assert!(matches!(router.find(&Method::GET, "/orgs"), Found::Nothing));
        assert!(matches!(router.find(&Method::HEAD, "/orgs/a"), Found::Handler(1, _)));
    }
}
