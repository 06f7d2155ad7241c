//! JSON in every arrangement logs come in: one document after another, on lines or not; a list;
//! an object whose first member is the list (`{"Records":[…]}`, `{"Events":[…]}`).
//!
//! After a record that is broken, the next one is looked for: an object that starts with the key
//! that records here start with, or an object at the start of a line.

use std::ops::ControlFlow;

use memchr::memmem;

use super::scan::{Scan, Scanner};
use super::{Framed, Verdict};
use crate::window::Window;
use crate::{DecodeError, Limits, Reason};

/// Keys that a list of records stands under.
const LISTS: [&str; 4] = ["Records", "Events", "records", "events"];

/// What the framer stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between documents.
    Top,
    /// In a list.
    List { wrapped: bool },
    /// In the wrapper object, behind its list.
    Behind,
}

/// Cuts JSON into records.
pub(crate) struct JsonFramer<'l> {
    limits: &'l Limits,
    place: Place,
    /// The first key of the last good record, with its quotes.
    first_key: Vec<u8>,
}

type Handler<'h> = dyn FnMut(Framed<'_>) -> Verdict + 'h;

/// Hands a piece on; what is bad already cannot be malformed again.
fn hand_on(handle: &mut Handler<'_>, piece: Framed<'_>) -> ControlFlow<()> {
    match handle(piece) {
        Verdict::Stop => ControlFlow::Break(()),
        Verdict::Continue | Verdict::Malformed(_) => ControlFlow::Continue(()),
    }
}

impl<'l> JsonFramer<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self { limits, place: Place::Top, first_key: b"\"eventVersion\"".to_vec() }
    }

    /// Hands every piece of the stream to `handle`, until it breaks or the stream ends.
    pub(crate) fn run(&mut self, window: &mut Window<'_>, handle: &mut Handler<'_>) -> ControlFlow<()> {
        loop {
            let Some(byte) = next_byte(window) else { return self.end(window, handle) };
            match (self.place, byte) {
                (Place::Top, b'[') => {
                    window.consume(1);
                    self.place = Place::List { wrapped: false };
                }
                (Place::Top, b'{') => match list_start(window) {
                    Some(inside) => {
                        window.consume(inside);
                        self.place = Place::List { wrapped: true };
                    }
                    None => self.record(window, handle)?,
                },
                (Place::List { wrapped }, b']') => {
                    window.consume(1);
                    self.place = if wrapped { Place::Behind } else { Place::Top };
                }
                (Place::List { .. }, b'{') => self.record(window, handle)?,
                (Place::Behind, _) => self.leave_wrapper(window),
                _ => self.resynchronise(window, handle, "expected a JSON object")?,
            }
        }
    }

    /// The stream has ended; in the middle of a list something is missing.
    fn end(&self, window: &Window<'_>, handle: &mut Handler<'_>) -> ControlFlow<()> {
        if matches!(self.place, Place::List { .. }) {
            let error =
                DecodeError::new(Reason::TruncatedRecord, "the object ends inside its list of records");
            return hand_on(handle, Framed::Bad { offset: window.offset(), bytes: &[], length: 0, error });
        }
        ControlFlow::Continue(())
    }

    /// Frames the object that starts here.
    fn record(&mut self, window: &mut Window<'_>, handle: &mut Handler<'_>) -> ControlFlow<()> {
        let mut scanner = Scanner::default();
        let mut scanned = 0;
        loop {
            let result = scanner.scan(window.data(), scanned);
            match result {
                Scan::End(end) => return self.emit(window, end, &scanner, handle),
                Scan::Broken(_) => {
                    return self.resynchronise(window, handle, "brackets or quotes do not match");
                }
                Scan::More => scanned = window.data().len(),
            }
            if scanned > self.limits.record_bytes {
                // Either one huge record, or a broken one that swallowed those behind it.
                if self.next_start(window.data(), 1).is_some() {
                    return self.resynchronise(window, handle, "the record does not end");
                }
                return self.skip_huge(window, scanner, handle);
            }
            if !window.fill() {
                if self.next_start(window.data(), 1).is_some() {
                    return self.resynchronise(window, handle, "the record does not end");
                }
                let (offset, bytes) = (window.offset(), window.data());
                let error = DecodeError::new(Reason::TruncatedRecord, "the object ends inside this record");
                let length = bytes.len() as u64;
                let flow = hand_on(handle, Framed::Bad { offset, bytes, length, error });
                window.consume(usize::MAX);
                self.place = Place::Top;
                return flow;
            }
        }
    }

    fn emit(
        &mut self,
        window: &mut Window<'_>,
        end: usize,
        scanner: &Scanner,
        handle: &mut Handler<'_>,
    ) -> ControlFlow<()> {
        let offset = window.offset();
        let bytes = &window.data()[..end];
        let flow = if bytes.len() > self.limits.record_bytes {
            hand_on(
                handle,
                Framed::Bad { offset, bytes, length: end as u64, error: self.too_large(end as u64) },
            )
        } else if scanner.deepest > self.limits.json_depth {
            let detail = format!("nests {} deep, the limit is {}", scanner.deepest, self.limits.json_depth);
            let error = DecodeError::new(Reason::NestedTooDeep, detail);
            hand_on(handle, Framed::Bad { offset, bytes, length: end as u64, error })
        } else {
            match handle(Framed::Record { offset, bytes }) {
                Verdict::Continue => {
                    self.remember_first_key(bytes);
                    ControlFlow::Continue(())
                }
                Verdict::Stop => ControlFlow::Break(()),
                Verdict::Malformed(error) => return self.malformed(window, end, error, handle),
            }
        };
        window.consume(end);
        flow
    }

    /// The record's quotes and brackets agree by chance only, or its wrapper is damaged. Where
    /// another record starts inside of it, that one is whole.
    fn malformed(
        &mut self,
        window: &mut Window<'_>,
        end: usize,
        error: DecodeError,
        handle: &mut Handler<'_>,
    ) -> ControlFlow<()> {
        let offset = window.offset();
        let inside = self.next_start(&window.data()[..end], 1);
        if inside.is_none() && !plausible_end(&window.data()[end..]) {
            return self.resynchronise(window, handle, &error.detail);
        }
        let end = inside.unwrap_or(end);
        let bytes = &window.data()[..end];
        let flow = hand_on(handle, Framed::Bad { offset, bytes, length: end as u64, error });
        window.consume(end);
        flow
    }

    fn too_large(&self, length: u64) -> DecodeError {
        let limit = self.limits.record_bytes;
        DecodeError::new(
            Reason::RecordTooLarge,
            format!("the record has {length} bytes, the limit is {limit}"),
        )
    }

    /// Passes over a record that is larger than the window may grow.
    fn skip_huge(
        &mut self,
        window: &mut Window<'_>,
        mut scanner: Scanner,
        handle: &mut Handler<'_>,
    ) -> ControlFlow<()> {
        let offset = window.offset();
        let kept = window.data()[..self.limits.quarantine_bytes.min(window.data().len())].to_vec();
        let mut length = window.data().len() as u64;
        window.consume(usize::MAX);
        let mut ended = false;
        while !ended && window.fill() {
            let step = match scanner.scan(window.data(), 0) {
                Scan::End(end) => {
                    ended = true;
                    end
                }
                // What follows is looked at afresh by `run`.
                Scan::Broken(at) => {
                    ended = true;
                    at
                }
                Scan::More => window.data().len(),
            };
            length += step as u64;
            window.consume(step);
        }
        hand_on(handle, Framed::Bad { offset, bytes: &kept, length, error: self.too_large(length) })
    }

    /// Gives up what starts here, up to the next record.
    fn resynchronise(
        &mut self,
        window: &mut Window<'_>,
        handle: &mut Handler<'_>,
        why: &str,
    ) -> ControlFlow<()> {
        // Long enough to hold the start of a record that a chunk's end cuts in two.
        const OVERLAP: usize = 256;
        let offset = window.offset();
        let mut kept: Vec<u8> = Vec::new();
        let mut length = 0u64;
        let mut from = 1;
        loop {
            let found = self.next_start(window.data(), from);
            let step = found.unwrap_or_else(|| window.data().len().saturating_sub(OVERLAP));
            let room = self.limits.quarantine_bytes.saturating_sub(kept.len());
            kept.extend_from_slice(&window.data()[..step.min(room)]);
            length += step as u64;
            window.consume(step);
            if found.is_some() {
                break;
            }
            from = if step > 0 { 0 } else { from };
            if !window.fill() {
                let rest = window.data().len();
                let room = self.limits.quarantine_bytes.saturating_sub(kept.len());
                kept.extend_from_slice(&window.data()[..rest.min(room)]);
                length += rest as u64;
                window.consume(rest);
                self.place = Place::Top;
                break;
            }
        }
        let error = DecodeError::new(Reason::InvalidJson, why);
        hand_on(handle, Framed::Bad { offset, bytes: &kept, length, error })
    }

    /// Where the next record seems to start, at `from` or later.
    fn next_start(&self, data: &[u8], from: usize) -> Option<usize> {
        let tail = data.get(from..)?;
        let by_key = memmem::find_iter(tail, &self.first_key)
            .find_map(|at| tail[..at].trim_ascii_end().strip_suffix(b"{").map(|before| from + before.len()));
        let by_line = memmem::find(tail, b"\n{").map(|at| from + at + 1);
        match (by_key, by_line) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn remember_first_key(&mut self, record: &[u8]) {
        let body = record[1..].trim_ascii_start();
        if body.starts_with(&self.first_key) || !body.starts_with(b"\"") {
            return;
        }
        if let Some(end) = memchr::memchr(b'"', &body[1..]).filter(|&end| (1..64).contains(&end)) {
            self.first_key = body[..end + 2].to_vec();
        }
    }

    /// Passes over the members of the wrapper that follow its list.
    fn leave_wrapper(&mut self, window: &mut Window<'_>) {
        let mut scanner = Scanner::inside_object();
        loop {
            let step = match scanner.scan(window.data(), 0) {
                Scan::End(end) => Some(end),
                Scan::Broken(at) => Some(at.max(1)),
                Scan::More => None,
            };
            window.consume(step.unwrap_or(usize::MAX));
            if step.is_some() || !window.fill() {
                self.place = Place::Top;
                return;
            }
        }
    }
}

/// Whether this may stand behind a record: nothing, another record, or the end of the list.
fn plausible_end(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    match rest.first() {
        None | Some(b'{') => true,
        Some(b',') => matches!(rest[1..].trim_ascii_start().first(), None | Some(b'{')),
        Some(b']') => matches!(rest[1..].trim_ascii_start().first(), None | Some(b'}' | b',')),
        Some(_) => false,
    }
}

/// The next byte that is neither white space nor a separator.
fn next_byte(window: &mut Window<'_>) -> Option<u8> {
    loop {
        let skip = window
            .data()
            .iter()
            .position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x1e))
            .unwrap_or(window.data().len());
        window.consume(skip);
        if let Some(&byte) = window.data().first() {
            return Some(byte);
        }
        if !window.fill() {
            return None;
        }
    }
}

/// Where, if the object that starts here has its list of records as its first member, the list
/// begins.
fn list_start(window: &mut Window<'_>) -> Option<usize> {
    window.fill_to(64);
    let data = window.data();
    let after_brace = skip_space(data, 1);
    let key = LISTS.iter().find(|key| {
        data.get(after_brace..).is_some_and(|d| {
            d.first() == Some(&b'"')
                && d[1..].starts_with(key.as_bytes())
                && d.get(1 + key.len()) == Some(&b'"')
        })
    })?;
    let colon = skip_space(data, after_brace + key.len() + 2);
    if data.get(colon) != Some(&b':') {
        return None;
    }
    let bracket = skip_space(data, colon + 1);
    (data.get(bracket) == Some(&b'[')).then_some(bracket + 1)
}

fn skip_space(data: &[u8], from: usize) -> usize {
    data.get(from..).map_or(from, |d| from + d.iter().take_while(|b| b.is_ascii_whitespace()).count())
}
