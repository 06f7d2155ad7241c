//! Text cut at line breaks.

use std::ops::ControlFlow;

use super::Framed;
use crate::window::Window;
use crate::{DecodeError, Limits, Reason};

/// Hands every line that is not blank to `handle`, without its line break, until it breaks or the
/// stream ends.
pub(crate) fn run(
    window: &mut Window<'_>,
    limits: &Limits,
    handle: &mut dyn FnMut(Framed<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut searched = 0;
    loop {
        let found = memchr::memchr(b'\n', &window.data()[searched..]);
        let Some(at) = found.map(|at| searched + at) else {
            searched = window.data().len();
            if searched > limits.record_bytes {
                skip_huge(window, limits, handle)?;
                searched = 0;
                continue;
            }
            if window.fill() {
                continue;
            }
            emit(window, window.data().len(), limits, handle)?;
            window.consume(usize::MAX);
            return ControlFlow::Continue(());
        };
        emit(window, at, limits, handle)?;
        window.consume(at + 1);
        searched = 0;
    }
}

fn emit(
    window: &Window<'_>,
    end: usize,
    limits: &Limits,
    handle: &mut dyn FnMut(Framed<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let line = &window.data()[..end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.trim_ascii().is_empty() {
        return ControlFlow::Continue(());
    }
    let offset = window.offset();
    if line.len() > limits.record_bytes {
        let length = line.len() as u64;
        return handle(Framed::Bad { offset, bytes: line, length, error: too_large(length, limits) });
    }
    handle(Framed::Record { offset, bytes: line })
}

fn too_large(length: u64, limits: &Limits) -> DecodeError {
    let limit = limits.record_bytes;
    DecodeError::new(Reason::RecordTooLarge, format!("the line has {length} bytes, the limit is {limit}"))
}

fn skip_huge(
    window: &mut Window<'_>,
    limits: &Limits,
    handle: &mut dyn FnMut(Framed<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let offset = window.offset();
    let kept = window.data()[..limits.quarantine_bytes.min(window.data().len())].to_vec();
    let mut length = window.data().len() as u64;
    window.consume(usize::MAX);
    while window.fill() {
        let found = memchr::memchr(b'\n', window.data());
        let step = found.map_or(window.data().len(), |at| at + 1);
        length += step as u64;
        window.consume(step);
        if found.is_some() {
            break;
        }
    }
    handle(Framed::Bad { offset, bytes: &kept, length, error: too_large(length, limits) })
}
