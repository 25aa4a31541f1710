//! Compression at the lowest level: documents of a shop repeat themselves, and a higher one costs three times the work for a
//! tenth less.

use std::{cell::RefCell, io};

use actix_web::web::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};

/// 2 to this power is how far back the compressor looks.
const WINDOW_BITS: u8 = 15;
/// Room that is added while the output does not fit.
const ROOM: usize = 8 * 1024;

thread_local! {
    /// The state of a compressor is larger than most answers: making it anew would cost more than using it.
    static KEPT: RefCell<Compress> = RefCell::new(compressor());
}

fn compressor() -> Compress {
    Compress::new_gzip(Compression::fast(), WINDOW_BITS)
}

/// Compresses an answer that is in memory as a whole.
///
/// # Errors
/// If the compressor fails, which would be a bug.
pub(super) fn whole(bytes: &[u8]) -> io::Result<Bytes> {
    KEPT.with_borrow_mut(|compressor| {
        compressor.reset();
        let mut output = Vec::with_capacity(bytes.len() / 4);
        run(compressor, bytes, FlushCompress::Finish, &mut output)?;
        Ok(output.into())
    })
}

/// Compresses an answer piece by piece.
pub(super) struct Gzip(Compress);

impl Gzip {
    pub(super) fn new() -> Self {
        Self(compressor())
    }

    /// What comes out when `bytes` go in; perhaps nothing yet.
    ///
    /// # Errors
    /// As [`whole`].
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<Bytes> {
        let mut output = Vec::new();
        run(&mut self.0, bytes, FlushCompress::None, &mut output)?;
        Ok(output.into())
    }

    /// The end of it.
    ///
    /// # Errors
    /// As [`whole`].
    pub(super) fn finish(&mut self) -> io::Result<Bytes> {
        let mut output = Vec::new();
        run(&mut self.0, &[], FlushCompress::Finish, &mut output)?;
        Ok(output.into())
    }
}

fn run(
    compressor: &mut Compress,
    bytes: &[u8],
    flush: FlushCompress,
    output: &mut Vec<u8>,
) -> io::Result<()> {
    let before = compressor.total_in();
    loop {
        let taken = usize::try_from(compressor.total_in() - before).unwrap_or(usize::MAX);
        let left = bytes.get(taken..).unwrap_or_default();
        output.reserve(ROOM);
        let room = output.capacity() - output.len();
        let written = output.len();
        let status = compressor.compress_vec(left, output, flush)?;
        let is_full = output.len() - written == room;
        match (flush, status) {
            (_, Status::StreamEnd) => return Ok(()),
            (FlushCompress::Finish, Status::Ok | Status::BufError) => {}
            (_, Status::Ok | Status::BufError) => {
                let taken = usize::try_from(compressor.total_in() - before).unwrap_or(usize::MAX);
                if taken == bytes.len() && !is_full {
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut plain).expect("gzip");
        plain
    }

    /// Text that hardly compresses.
    fn noise(length: usize) -> Vec<u8> {
        let mut seed: u32 = 7;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn what_was_compressed_at_once_is_read_back() {
        for plain in [b"{}".to_vec(), vec![b'x'; 70_000], noise(70_000)] {
            assert_eq!(read(&whole(&plain).expect("gzip")), plain);
        }
    }

    #[test]
    fn what_was_compressed_in_pieces_is_read_back() {
        for plain in [vec![b'x'; 1_000_000], noise(300_000)] {
            let mut gzip = Gzip::new();
            let mut compressed = Vec::new();
            for piece in plain.chunks(32 * 1024) {
                compressed.extend_from_slice(&gzip.push(piece).expect("gzip"));
            }
            compressed.extend_from_slice(&gzip.finish().expect("an end"));
            assert_eq!(read(&compressed), plain);
        }
    }
}
