//! Routes under `/dev/platform/`, in development only, through which
//! `tests/workerd/platform.test.mjs` sees what only the real runtime can show:
//! transactions, panics and WebCrypto.
mod store;

use crate::app::App;
use crate::app::config::Environment;
use crate::kernel::route::ObjectName;
use crate::platform::ObjectPorts;
use crate::platform::keys::{SigningAlgorithm, SigningKeyRef};
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

const PREFIX: &str = "/dev/platform/";

/// What the Worker answers; `None` when the request is the app's.
pub async fn answer(app: &App, request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let answer = match test_name(app, request)? {
        "panic" => panic!("a request that panics, as asked"),
        test if test.starts_with("object/") => in_object(app, test).await,
        test => sign_with_new_key(app, test.strip_prefix("key/")?.parse().ok()?).await.ok(),
    };
    Some(respond(answer))
}

/// What an object answers; `None` when the request is the app's.
pub fn answer_in_object(
    app: &App,
    object: &ObjectPorts<'_>,
    request: &Request<Bytes>,
) -> Option<Response<Bytes>> {
    let answer = match test_name(app, request)? {
        "object/panic" => panic!("an object that panics, as asked"),
        "object/rows" => store::count_rows(object.sql).ok().map(|rows| json!({ "rows": rows })),
        test => transact(object.sql, test.strip_prefix("object/transaction/")?).ok(),
    };
    Some(respond(answer))
}

fn test_name<'a>(app: &App, request: &'a Request<Bytes>) -> Option<&'a str> {
    let development = app.config.environment == Environment::Development;
    request.uri().path().strip_prefix(PREFIX).filter(|_| development)
}

fn respond(answer: Option<Value>) -> Response<Bytes> {
    let (status, body) = match answer {
        Some(answer) => (StatusCode::OK, answer.to_string()),
        None => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
}

/// Asks an object that belongs to nobody.
async fn in_object(app: &App, test: &str) -> Option<Value> {
    let name = ObjectName::Org("selftest".parse().ok()?, "selftest".parse().ok()?);
    let request = Request::get(format!("{PREFIX}{test}")).body(Bytes::new()).ok()?;
    let response = app.ports.objects.fetch(&name, request).await.ok()?;
    serde_json::from_slice(response.body()).ok()
}

/// Writes two rows in one transaction that ends in the way called `end`.
fn transact(sql: &dyn Sql, end: &str) -> Result<Value, StoreError> {
    store::create_table(sql)?;
    let outcome = in_transaction(sql, || {
        store::insert_row(sql)?;
        store::insert_row(sql)?;
        match end {
            "commit" => Ok(()),
            "error" => Err(StoreError::Refused("as asked".to_owned())),
            _ => panic!("a transaction that panics, as asked"),
        }
    });
    Ok(json!({ "committed": outcome.is_ok(), "rows": store::count_rows(sql)? }))
}

/// Makes a key and signs `guildhall` with it; the test verifies with a library
/// that is not ours.
async fn sign_with_new_key(app: &App, algorithm: SigningAlgorithm) -> Result<Value, String> {
    let keys = &app.ports.keys;
    let key = keys.generate(algorithm).await.map_err(|error| error.to_string())?;
    let kid = app.ports.random.uuid().to_string();
    let reference = SigningKeyRef { kid: &kid, algorithm, wrapped: &key.wrapped };
    let signature = keys.sign(&reference, b"guildhall").await.map_err(|error| error.to_string())?;
    Ok(json!({
        "public_jwk": key.public_jwk,
        "wrapped": key.wrapped,
        "signature": URL_SAFE_NO_PAD.encode(signature),
    }))
}
