//! The parts of WebCrypto that we use (W3C Web Cryptography API).
use js_sys::{Array, JSON, Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Fills `bytes`; at most 65,536 at a time.
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    pub fn get_random_values(bytes: &mut [u8]);

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = generateKey, catch)]
    pub async fn generate_key(
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    pub async fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = exportKey, catch)]
    pub async fn export_key(format: &str, key: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = deriveKey, catch)]
    pub async fn derive_key(
        algorithm: &JsValue,
        base: &JsValue,
        derived: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = wrapKey, catch)]
    pub async fn wrap_key(
        format: &str,
        key: &JsValue,
        wrapping: &JsValue,
        algorithm: &JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = unwrapKey, catch)]
    pub async fn unwrap_key(
        format: &str,
        wrapped: &Uint8Array,
        unwrapping: &JsValue,
        algorithm: &JsValue,
        key_algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = sign, catch)]
    pub async fn sign(
        algorithm: &JsValue,
        key: &JsValue,
        message: &Uint8Array,
    ) -> Result<JsValue, JsValue>;
}

/// `{name, ...members}`: how WebCrypto is told an algorithm.
pub fn algorithm(name: &str, members: &[(&str, JsValue)]) -> JsValue {
    let entries = [("name", JsValue::from(name))].into_iter().chain(members.iter().cloned());
    let entries: Array = entries.map(|(key, value)| Array::of2(&key.into(), &value)).collect();
    Object::from_entries(&entries).map_or(JsValue::UNDEFINED, JsValue::from)
}

/// A list of key usages, such as `["sign"]`.
pub fn usages(names: &[&str]) -> Array {
    names.iter().copied().map(JsValue::from).collect()
}

/// A JavaScript object as JSON.
pub fn to_json(object: &JsValue) -> Option<serde_json::Value> {
    let text = JSON::stringify(object).ok()?.as_string()?;
    serde_json::from_str(&text).ok()
}
