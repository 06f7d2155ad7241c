//! Objects as they come, read whole.

mod cloudtrail;
