//! Whole numbers as JavaScript knows them.

/// `number` as a JavaScript number: exact, since our numbers stay within 2^53
/// (`platform::row::Value::Int`, milliseconds since 1970).
#[expect(clippy::cast_precision_loss, reason = "exact within 2^53")]
pub const fn to_js(number: i64) -> f64 {
    number as f64
}
