//! JSON that people send, read as it is written: an object is an object.
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Reads `bytes` as a `T`.
///
/// # Errors
/// What serde says of text that is not JSON, goes on after it, or is no `T`. A
/// list is no struct, though serde takes `[]` for one whose fields may all be
/// absent, and null is no map, though `serde_json` takes it for an empty one: a
/// client that sends these means something else.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Written(&mut text))?;
    text.end()?;
    Ok(value)
}

/// A deserializer whose structs are objects.
struct Written<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Written<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Map, Value};

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Lamp {
        lit: bool,
    }

    #[test]
    fn an_object_is_a_struct_and_a_list_is_none() {
        assert_eq!(read::<Lamp>(br#"{"lit":true}"#).unwrap(), Lamp { lit: true });
        assert_eq!(read::<Lamp>(b" {} ").unwrap(), Lamp { lit: false });
        for text in ["[]", "[true]", "null", "true", "\"\"", "", "{} {}", "{"] {
            assert!(read::<Lamp>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_object_is_a_map_and_nothing_is_none() {
        assert!(read::<Map<String, Value>>(b"{}").unwrap().is_empty());
        for text in ["null", "[]", "true", "\"\"", ""] {
            assert!(read::<Map<String, Value>>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_is_a_list() {
        assert_eq!(read::<Vec<String>>(br#"["a"]"#).unwrap(), ["a"]);
        assert!(read::<Vec<String>>(b"{}").is_err());
    }
}
