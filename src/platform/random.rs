//! Randomness, as a port.

/// A source of unpredictable bytes fit for keys.
pub trait Random {
    /// 32 fresh bytes: 256 bits of entropy.
    fn bytes32(&self) -> [u8; 32];

    /// A fresh random (version 4) UUID.
    fn uuid(&self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.bytes32()[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
