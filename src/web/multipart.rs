//! Forms as `multipart/form-data` (RFC 7578), which browsers and Keycloak's
//! JavaScript client send when a file, or anything else, is in them.
use super::form::Form;
use super::{Request, header};

/// Most parts of a form. Ours have two or three.
pub const MAX_PARTS: usize = 32;

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub content: &'a [u8],
}

/// A body that is no such form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not multipart/form-data of at most {MAX_PARTS} parts (MAX_PARTS)")]
pub struct BadMultipart;

/// The fields of the request's body; `None` when its content type is another.
///
/// # Errors
/// [`BadMultipart`] when the body is not what its content type says.
pub fn read(request: &Request) -> Result<Option<Vec<Part<'_>>>, BadMultipart> {
    let Some(content_type) = header(request, "content-type") else { return Ok(None) };
    let mut pieces = content_type.split(';').map(str::trim);
    if !pieces.next().is_some_and(|essence| essence.eq_ignore_ascii_case("multipart/form-data")) {
        return Ok(None);
    }
    let boundary = pieces.find_map(|piece| parameter(piece, "boundary")).ok_or(BadMultipart)?;
    // RFC 2046 §5.1.1.
    if !(1..=70).contains(&boundary.len()) {
        return Err(BadMultipart);
    }
    parts(request.body(), boundary).map(Some)
}

/// The text fields of the request's form, sent in several parts or urlencoded; `None`
/// when its content type is another.
///
/// # Errors
/// [`BadMultipart`] when the body is not what its content type says, or holds what is
/// no text.
pub fn read_form(request: &Request) -> Result<Option<Form>, BadMultipart> {
    let Some(parts) = read(request)? else { return Ok(Form::body(request)) };
    let pairs = parts.into_iter().map(|part| {
        let text = std::str::from_utf8(part.content).map_err(|_| BadMultipart)?;
        Ok((part.name, text.to_owned()))
    });
    pairs.collect::<Result<Form, BadMultipart>>().map(Some)
}

/// The value of `name` in `name=value` or `name="value"`.
fn parameter<'a>(piece: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = piece.split_once('=')?;
    let value = value.trim();
    let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    key.trim().eq_ignore_ascii_case(name).then(|| unquoted.unwrap_or(value))
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, BadMultipart> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter may stand at the very beginning.
    let first = format!("--{boundary}");
    let mut rest = match body.strip_prefix(first.as_bytes()) {
        Some(rest) => rest,
        None => split_at(body, delimiter.as_bytes()).ok_or(BadMultipart)?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        if parts.len() == MAX_PARTS {
            return Err(BadMultipart);
        }
        let start = rest.strip_prefix(b"\r\n").ok_or(BadMultipart)?;
        let (part, after) = split_at(start, delimiter.as_bytes()).ok_or(BadMultipart)?;
        parts.push(read_part(part)?);
        rest = after;
    }
    Ok(parts)
}

fn read_part(part: &[u8]) -> Result<Part<'_>, BadMultipart> {
    let (head, content) = split_at(part, b"\r\n\r\n").ok_or(BadMultipart)?;
    let head = std::str::from_utf8(head).map_err(|_| BadMultipart)?;
    let disposition = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
        .ok_or(BadMultipart)?;
    let name =
        disposition.1.split(';').find_map(|piece| parameter(piece, "name")).ok_or(BadMultipart)?;
    Ok(Part { name: name.to_owned(), content })
}

/// What stands before and after the first `needle`.
fn split_at<'a>(text: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = text.windows(needle.len()).position(|window| window == needle)?;
    Some((text.get(..place)?, text.get(place + needle.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn request(content_type: &str, body: &[u8]) -> Request {
        http::Request::builder()
            .header("content-type", content_type)
            .body(Bytes::copy_from_slice(body))
            .unwrap()
    }

    const FORM: &str = "multipart/form-data; boundary=x-1";

    /// As undici (node's fetch) sends a text and a file.
    #[test]
    fn fields_and_files_are_read() {
        let body = b"--x-1\r\nContent-Disposition: form-data; name=\"providerId\"\r\n\r\nsaml\r\n\
            --x-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xml\"\r\n\
            Content-Type: text/xml\r\n\r\n<a>\r\n--x</a>\r\n--x-1--\r\n";
        let request = request(FORM, body);
        let parts = read(&request).unwrap().unwrap();
        let told: Vec<_> = parts.iter().map(|part| (part.name.as_str(), part.content)).collect();
        assert_eq!(told, [("providerId", &b"saml"[..]), ("file", &b"<a>\r\n--x</a>"[..])]);
    }

    #[test]
    fn a_preamble_and_a_quoted_boundary_are_fine() {
        let body = b"hello\r\n--x 1\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--x 1--";
        let request = request("multipart/form-data; charset=utf-8; boundary=\"x 1\"", body);
        let parts = read(&request).unwrap().unwrap();
        assert_eq!(parts, [Part { name: "a".to_owned(), content: b"" }]);
    }

    #[test]
    fn another_content_type_is_not_read() {
        assert_eq!(read(&request("application/json", b"{}")), Ok(None));
    }

    #[test]
    fn a_broken_form_is_refused() {
        let whole: &[u8] =
            b"--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x-1--";
        assert!(read(&request(FORM, whole)).is_ok());
        for end in 0..whole.len() - 2 {
            let cut = request(FORM, &whole[..end]);
            assert_eq!(read(&cut), Err(BadMultipart), "cut at {end}");
        }
        for bad in [
            &b"--x-1\r\n\r\n1\r\n--x-1--"[..],
            b"--x-1\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x-1--",
        ] {
            assert_eq!(read(&request(FORM, bad)), Err(BadMultipart));
        }
        assert_eq!(read(&request("multipart/form-data", whole)), Err(BadMultipart));
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        assert_eq!(read(&request(&long, whole)), Err(BadMultipart));
    }

    #[test]
    fn a_flood_of_parts_is_refused() {
        let part = "--x-1\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
        let body = format!("{}--x-1--", part.repeat(MAX_PARTS + 1));
        assert_eq!(read(&request(FORM, body.as_bytes())), Err(BadMultipart));
    }
}
