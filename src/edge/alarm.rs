//! `Alarm` over a Durable Object's alarm.
use super::number;
use super::store_error::refused;
use crate::kernel::time::Timestamp;
use crate::platform::object::Alarm;
use crate::platform::row::StoreError;
use async_trait::async_trait;
use js_sys::Date;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use worker::{ScheduledTime, Storage};

/// The alarm and the storage of the object that runs this.
pub struct ObjectAlarm {
    storage: Storage,
    awake: Rc<Cell<bool>>,
}

impl ObjectAlarm {
    /// `awake` turns false when the tables are gone with everything else, so that
    /// a later request migrates again.
    pub fn new(storage: Storage, awake: &Rc<Cell<bool>>) -> Self {
        Self { storage, awake: Rc::clone(awake) }
    }
}

#[async_trait(?Send)]
impl Alarm for ObjectAlarm {
    async fn wake_at(&self, at: Timestamp) -> Result<(), StoreError> {
        let at = at.as_unix_millis();
        let earlier = self.storage.get_alarm().await.map_err(|error| refused(&error))?;
        if earlier.is_some_and(|set| set <= at) {
            return Ok(());
        }
        let at = Date::new(&JsValue::from_f64(number::to_js(at)));
        self.storage.set_alarm(ScheduledTime::new(at)).await.map_err(|error| refused(&error))
    }

    async fn delete_all(&self) -> Result<(), StoreError> {
        self.awake.set(false);
        self.storage.delete_alarm().await.map_err(|error| refused(&error))?;
        self.storage.delete_all().await.map_err(|error| refused(&error))
    }
}
