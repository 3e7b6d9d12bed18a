//! Requests and responses: the runtime's to and from the crate `http`'s.
use crate::app::worker::MAX_BODY_BYTES;
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use js_sys::Uint8Array;
use worker::{Headers, ResponseBuilder, Result, web_sys};

/// Reads a request whole. Of a body that is too large one byte more than
/// [`MAX_BODY_BYTES`] is read: enough for the app to see that and refuse.
///
/// `None` when the target is no URI of RFC 3986.
///
/// # Errors
/// When the client went away.
pub async fn read(mut incoming: worker::Request) -> Result<Option<Request<Bytes>>> {
    let outline =
        Request::builder().method(incoming.inner().method().as_str()).uri(incoming.inner().url());
    let Ok(mut request) = outline.body(Bytes::new()) else {
        return Ok(None);
    };
    *request.headers_mut() = headers_in(incoming.headers());
    *request.body_mut() = read_body(&mut incoming, request.headers()).await?;
    Ok(Some(request))
}

async fn read_body(incoming: &mut worker::Request, headers: &HeaderMap) -> Result<Bytes> {
    if incoming.inner().body().is_none() {
        return Ok(Bytes::new());
    }
    // The runtime holds a body to its Content-Length, so a small one is read in
    // one step; one without is read piece by piece until it is too large.
    if content_length(headers).is_some_and(|length| length <= MAX_BODY_BYTES) {
        return Ok(incoming.bytes().await?.into());
    }
    let mut pieces = incoming.stream()?;
    let mut body = Vec::new();
    while body.len() <= MAX_BODY_BYTES {
        let Some(piece) = pieces.next().await else { break };
        body.extend_from_slice(&piece?);
    }
    body.truncate(MAX_BODY_BYTES + 1);
    Ok(body.into())
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Hands our response to the runtime.
///
/// # Errors
/// When the runtime refuses a header.
pub fn answer(response: Response<Bytes>) -> Result<worker::Response> {
    let (parts, body) = response.into_parts();
    let builder = ResponseBuilder::new()
        .with_status(parts.status.as_u16())
        .with_headers(headers_out(&parts.headers)?);
    // The runtime refuses even an empty body for 204 and 304.
    Ok(if body.is_empty() { builder.empty() } else { builder.fixed(body.into()) })
}

/// Makes a request of ours into one that the runtime can send.
///
/// # Errors
/// When the runtime refuses the URL, a header or the method.
pub fn request_out(request: &Request<Bytes>) -> Result<worker::Request> {
    let init = web_sys::RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers(headers_out(request.headers())?.0.as_ref());
    // A redirect is an answer for our caller, not an order to us.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(request.body().as_ref()).into());
    }
    Ok(web_sys::Request::new_with_str_and_init(&absolute(request.uri()), &init)?.into())
}

/// The runtime wants absolute URLs; to an object the host means nothing.
fn absolute(uri: &http::Uri) -> String {
    if uri.authority().is_some() { uri.to_string() } else { format!("http://object{uri}") }
}

/// Reads the answer to such a request whole.
///
/// # Errors
/// When the other side broke off.
pub async fn response_in(mut incoming: worker::Response) -> Result<Response<Bytes>> {
    let mut response = Response::new(Bytes::from(incoming.bytes().await?));
    *response.status_mut() = StatusCode::from_u16(incoming.status_code())?;
    *response.headers_mut() = headers_in(incoming.headers());
    Ok(response)
}

/// Headers that the crate `http` cannot hold are left out, not refused: no
/// header we know is among them.
fn headers_in(headers: &Headers) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers.entries() {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            map.append(name, value);
        }
    }
    map
}

fn headers_out(map: &HeaderMap) -> Result<Headers> {
    let headers = Headers::new();
    for (name, value) in map {
        headers.append(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))?;
    }
    Ok(headers)
}
