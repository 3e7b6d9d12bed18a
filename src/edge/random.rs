//! `Random` over `crypto.getRandomValues`.
use super::subtle::get_random_values;
use crate::platform::random::Random;

/// The runtime's generator.
pub struct WebCryptoRandom;

impl Random for WebCryptoRandom {
    fn bytes32(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        get_random_values(&mut bytes);
        bytes
    }
}
