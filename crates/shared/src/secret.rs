//! Values that must not show up in a log.

/// A value without `Display` and with a redacted `Debug`.
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value; call it only where it is used.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[secret]")
    }
}

impl std::str::FromStr for Secret<[u8; 32]> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || "must be 64 hexadecimal digits (32 bytes)".to_owned();
        let digits = text.trim();
        if digits.len() != 64 {
            return Err(problem());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_not_ascii| problem())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_not_hex| problem())?;
        }
        Ok(Self(bytes))
    }
}
