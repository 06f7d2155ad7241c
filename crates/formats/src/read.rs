//! Reads one object: bytes in; rows, quarantined records and a summary out.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;

use crate::container::{self, Source};
use crate::envelope::{self, Envelope};
use crate::format::{Decode, Decoded, Format, JsonKeys};
use crate::framing::json::JsonFramer;
use crate::framing::{Framed, Verdict, lines};
use crate::quarantine::Quarantined;
use crate::window::Window;
use crate::{DecodeError, Limits, ObjectContext, Reason, Rows, TableDef, registry};

/// Where rows and bad records go.
pub trait Sink {
    /// The rows of this table, to add to.
    fn rows(&mut self, table: &'static TableDef) -> &mut Rows;

    /// Takes a record that could not be read.
    fn quarantine(&mut self, record: Quarantined, context: &mut ObjectContext);

    /// Called after every record: the place to hand full batches on, and to stop early.
    fn after_record(&mut self) -> ControlFlow<()>;
}

/// What an object turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectOutcome {
    /// A log; perhaps with records that went to quarantine.
    Read,
    /// No log: a digest file, a test notification, an empty file, an unknown format.
    Skipped(String),
    /// The sink asked to stop.
    Stopped,
}

/// What reading an object did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSummary {
    /// What the object turned out to be.
    pub outcome: ObjectOutcome,
    /// How many events it held.
    pub events: u64,
    /// How many records went to quarantine.
    pub quarantined: u64,
    /// Decompressed bytes that were looked at.
    pub bytes: u64,
}

/// How deep envelopes may stand in each other (CloudWatch Logs in EventBridge, say).
const ENVELOPES: u32 = 3;

/// Unknown records kept back until a known one shows that the object is a log.
const PENDING: usize = 100;

/// Reads one object to its end.
///
/// # Errors
/// The stream's own error, where the store beneath failed: what was read so far is with the sink,
/// and the object is worth another try. Damage *in* the object is no error: it goes to quarantine.
pub fn read_object(
    source: Source<'_>,
    context: &mut ObjectContext,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> io::Result<ReadSummary> {
    let mut window = match container::open(source, limits) {
        Ok(window) => window,
        Err(error) => {
            let fault = container::classify(error)?;
            let mut reader = Reader::new(context, limits, sink);
            reader.bad(fault, 0, &[], 0);
            return Ok(reader.summary(0, false));
        }
    };
    let mut reader = Reader::new(context, limits, sink);
    let flow = reader.run(&mut window);
    let end = window.offset();
    if let Some(error) = window.take_error() {
        let fault = container::classify(error)?;
        reader.known = true;
        reader.bad(fault, end, &[], 0);
    }
    Ok(reader.summary(end, flow.is_break()))
}

struct Reader<'r> {
    context: &'r mut ObjectContext,
    limits: &'r Limits,
    sink: &'r mut dyn Sink,
    decoders: HashMap<&'static str, Box<dyn Decode>>,
    /// The format of the last record: nearly always that of the next one.
    last: Option<&'static dyn Format>,
    /// Whether the object is known to be a log.
    known: bool,
    pending: Vec<Quarantined>,
    skipped: Option<&'static str>,
    /// Set while a record stands as the framer cut it, not in an envelope.
    framed: bool,
    /// Why the record in hand is none.
    malformed: Option<DecodeError>,
    events: u64,
    quarantined: u64,
}

impl<'r> Reader<'r> {
    fn new(context: &'r mut ObjectContext, limits: &'r Limits, sink: &'r mut dyn Sink) -> Self {
        Self {
            context,
            limits,
            sink,
            decoders: HashMap::new(),
            last: None,
            known: false,
            pending: Vec::new(),
            skipped: None,
            framed: false,
            malformed: None,
            events: 0,
            quarantined: 0,
        }
    }

    fn run(&mut self, window: &mut Window<'_>) -> ControlFlow<()> {
        const BOM: &[u8] = b"\xef\xbb\xbf";
        window.fill_to(1 << 16);
        if window.data().starts_with(BOM) {
            window.consume(BOM.len());
        }
        let first = window.data().iter().find(|b| !b.is_ascii_whitespace()).copied();
        match first {
            None => {
                self.skipped = Some("empty");
                ControlFlow::Continue(())
            }
            Some(b'{' | b'[') => self.json(window),
            Some(_) => self.lines(window),
        }
    }

    fn json(&mut self, window: &mut Window<'_>) -> ControlFlow<()> {
        let limits = self.limits;
        JsonFramer::new(limits).run(window, &mut |framed| {
            let malformed = match framed {
                Framed::Record { offset, bytes } => match std::str::from_utf8(bytes) {
                    Ok(record) => self.whole_record(record, offset),
                    Err(e) => Some(invalid_utf8(e)),
                },
                Framed::Bad { offset, bytes, length, error } => {
                    self.bad(error, offset, bytes, length);
                    None
                }
            };
            match (self.sink.after_record(), malformed) {
                (ControlFlow::Break(()), _) => Verdict::Stop,
                (_, Some(error)) => Verdict::Malformed(error),
                _ => Verdict::Continue,
            }
        })
    }

    /// A record as the framer cut it. Says so if it is none: only the framer knows what to do
    /// with the rest of it.
    fn whole_record(&mut self, record: &str, offset: u64) -> Option<DecodeError> {
        self.malformed = None;
        self.framed = true;
        self.json_record(record, offset, 0);
        self.framed = false;
        self.malformed.take()
    }

    fn lines(&mut self, window: &mut Window<'_>) -> ControlFlow<()> {
        let head = window.data();
        let first = head.split(|&b| b == b'\n').find(|l| !l.trim_ascii().is_empty()).unwrap_or_default();
        let first = String::from_utf8_lossy(first.strip_suffix(b"\r").unwrap_or(first));
        let Some(format) = registry::claim_line(&first) else {
            // A log file whose first bytes are damaged.
            if memchr::memmem::find(head, b"{\"eventVersion\"").is_some() {
                return self.json(window);
            }
            self.skipped = Some("not a known log format");
            return ControlFlow::Continue(());
        };
        self.known = true;
        lines::run(window, self.limits, &mut |framed| {
            match framed {
                Framed::Record { offset, bytes } => match std::str::from_utf8(bytes) {
                    Ok(line) => self.decode(format, line, offset),
                    Err(e) => self.bad(invalid_utf8(e), offset, bytes, bytes.len() as u64),
                },
                Framed::Bad { offset, bytes, length, error } => self.bad(error, offset, bytes, length),
            }
            self.sink.after_record()
        })
    }

    /// A record in a list or a line: finds out whose it is and reads it.
    fn json_record(&mut self, record: &str, offset: u64, depth: u32) {
        // CloudTrail's records all start so; S3's notifications do with another version.
        if record.starts_with("{\"eventVersion\":\"1.") {
            return self.decode(&crate::cloudtrail::CloudTrail, record, offset);
        }
        let keys = JsonKeys::of(record);
        if let Some(last) = self.last
            && last.claims_json(&keys)
        {
            return self.decode(last, record, offset);
        }
        if depth < ENVELOPES
            && let Some(envelope) = envelope::open(&keys)
        {
            self.framed = false;
            return self.envelope(envelope, offset, depth + 1);
        }
        match registry::claim_json(&keys) {
            Some(format) => self.decode(format, record, offset),
            None => self.unknown(record, offset, &keys),
        }
    }

    fn envelope(&mut self, envelope: Envelope<'_>, offset: u64, depth: u32) {
        match envelope {
            Envelope::One(record) => self.inner(&record, offset, depth),
            Envelope::Many(records) => records.iter().for_each(|r| self.inner(r, offset, depth)),
            Envelope::Nothing(what) => self.skipped = Some(what),
        }
    }

    /// A record out of an envelope: JSON or a line.
    fn inner(&mut self, record: &str, offset: u64, depth: u32) {
        if record.trim_start().starts_with('{') {
            return self.json_record(record.trim(), offset, depth);
        }
        match registry::claim_line(record) {
            Some(format) => self.decode(format, record, offset),
            None => self.unknown(record, offset, &JsonKeys::default()),
        }
    }

    fn decode(&mut self, format: &'static dyn Format, record: &str, offset: u64) {
        self.last = Some(format);
        if !self.known {
            self.known = true;
            for record in std::mem::take(&mut self.pending) {
                self.quarantined += 1;
                self.sink.quarantine(record, self.context);
            }
        }
        let decoder = self.decoders.entry(format.name()).or_insert_with(|| format.decoder());
        match decoder.decode(record, self.context, self.sink.rows(format.table())) {
            Ok(Decoded::Row) => self.events += 1,
            Ok(Decoded::NotAnEvent) => {}
            Err(error) => self.bad_record(error, offset, record),
        }
    }

    /// A record that is not JSON, or of no format, may hold good ones if it is several run into
    /// one; that is for the framer to find out.
    fn bad_record(&mut self, error: DecodeError, offset: u64, record: &str) {
        let unsure = matches!(error.reason, Reason::InvalidJson | Reason::UnknownFormat);
        if unsure && self.framed {
            self.malformed = Some(error);
        } else {
            self.bad(error, offset, record.as_bytes(), record.len() as u64);
        }
    }

    fn unknown(&mut self, record: &str, offset: u64, keys: &JsonKeys<'_>) {
        if sonic_rs::from_str::<sonic_rs::LazyValue<'_>>(record).is_err() {
            let error = DecodeError::new(Reason::InvalidJson, "the record is not well-formed JSON");
            return self.bad_record(error, offset, record);
        }
        let some: Vec<&str> = keys.iter().take(8).collect();
        let error = DecodeError::new(Reason::UnknownFormat, format!("no known format has the keys {some:?}"));
        self.bad_record(error, offset, record);
    }

    fn bad(&mut self, error: DecodeError, offset: u64, bytes: &[u8], length: u64) {
        let mut record = Quarantined::new(error, offset, bytes, self.limits);
        record.length = length;
        if self.known || record.reason != Reason::UnknownFormat {
            self.quarantined += 1;
            self.sink.quarantine(record, self.context);
        } else if self.pending.len() < PENDING {
            self.pending.push(record);
        }
    }

    fn summary(self, bytes: u64, stopped: bool) -> ReadSummary {
        let nothing = self.events == 0 && self.quarantined == 0;
        let outcome = match (stopped, nothing, self.skipped) {
            (true, ..) => ObjectOutcome::Stopped,
            (_, true, Some(what)) => ObjectOutcome::Skipped(what.to_owned()),
            (_, true, None) if !self.pending.is_empty() => {
                ObjectOutcome::Skipped(format!("not a known log format ({})", self.pending[0].detail))
            }
            _ => ObjectOutcome::Read,
        };
        ReadSummary { outcome, events: self.events, quarantined: self.quarantined, bytes }
    }
}

fn invalid_utf8(error: std::str::Utf8Error) -> DecodeError {
    DecodeError::new(
        Reason::InvalidUtf8,
        format!("not UTF-8 from byte {} of the record", error.valid_up_to()),
    )
}
