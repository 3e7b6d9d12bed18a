//! `Objects` over the two Durable Object namespaces.
use super::http::{request_out, response_in};
use super::meter::{Io, Meter};
use crate::kernel::route::ObjectName;
use crate::platform::object::Objects;
use crate::platform::row::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::rc::Rc;
use worker::Env;

/// The bindings `ORG` and `ACCOUNT`.
pub struct DurableObjects {
    env: Env,
    meter: Rc<Meter>,
}

impl DurableObjects {
    /// The objects of `env`; each call counts in `meter`.
    pub fn new(env: &Env, meter: &Rc<Meter>) -> Self {
        Self { env: env.clone(), meter: Rc::clone(meter) }
    }

    async fn send(
        &self,
        name: &ObjectName,
        request: &Request<Bytes>,
    ) -> worker::Result<Response<Bytes>> {
        let namespace = self.env.durable_object(binding(name))?;
        let stub = namespace.get_by_name(&name.to_text())?;
        response_in(stub.fetch_with_request(request_out(request)?).await?).await
    }
}

const fn binding(name: &ObjectName) -> &'static str {
    match name {
        ObjectName::Org(..) => "ORG",
        ObjectName::Account(..) => "ACCOUNT",
    }
}

#[async_trait(?Send)]
impl Objects for DurableObjects {
    async fn fetch(
        &self,
        name: &ObjectName,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, StoreError> {
        self.meter.count(Io::Object);
        let sent = self.send(name, &request).await;
        let mut response = sent.map_err(|error| StoreError::Unreachable(error.to_string()))?;
        self.meter.absorb(response.headers_mut());
        Ok(response)
    }
}
