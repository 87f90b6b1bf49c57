//! Randomness: from the operating system.
//! Refuses to be called from anywhere but `App`.

/// Where ids and secrets come from.
#[derive(Debug, Clone, Default)]
pub struct Random(());

impl Random {
    /// The operating system's.
    pub fn system() -> Random {
        Random(())
    }

    /// 128 bits for ids.
    pub fn bits(&self) -> u128 {
        u128::from_be_bytes(self.bytes())
    }

    /// A secret of 256 bits, as 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        self.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the seam through which everybody else gets randomness"
        )]
        let filled = getrandom::fill(&mut bytes);
        // Linux gives randomness to every process once it has booted; without it nothing here may go on.
        if filled.is_err() {
            std::process::abort();
        }
        bytes
    }
}
