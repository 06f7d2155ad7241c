//! Appending numbers, dates and addresses to a byte buffer, without allocation.

/// A moment, broken down in UTC.
#[derive(Clone, Copy)]
pub(crate) struct Civil {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
}

/// Breaks down seconds since 1970 (not negative; `Config` admits no earlier day).
pub(crate) fn civil(epoch: i64) -> Civil {
    let (days, rest) = (epoch.div_euclid(86_400), epoch.rem_euclid(86_400) as u32);
    // Days to a date in the proleptic Gregorian calendar, counting years from March so that the
    // leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    let year = (year_of_era + era * 400 + i64::from(month <= 2)) as u32;
    Civil { year, month, day, hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60 }
}

/// Appends a decimal number.
pub(crate) fn int(out: &mut Vec<u8>, n: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut left = n;
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a decimal number with leading zeros, `width` digits wide.
pub(crate) fn padded(out: &mut Vec<u8>, n: u64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (n / 10u64.pow(place) % 10) as u8);
    }
}

/// Appends `2026-03-17`, with another separator if wanted.
pub(crate) fn date(out: &mut Vec<u8>, at: Civil, separator: &str) {
    padded(out, u64::from(at.year), 4);
    out.extend_from_slice(separator.as_bytes());
    padded(out, u64::from(at.month), 2);
    out.extend_from_slice(separator.as_bytes());
    padded(out, u64::from(at.day), 2);
}

/// Appends `19:14:07`, with another separator if wanted.
pub(crate) fn clock(out: &mut Vec<u8>, at: Civil, separator: &str) {
    padded(out, u64::from(at.hour), 2);
    out.extend_from_slice(separator.as_bytes());
    padded(out, u64::from(at.minute), 2);
    out.extend_from_slice(separator.as_bytes());
    padded(out, u64::from(at.second), 2);
}

/// Appends `2026-03-17T19:14:07Z`, CloudTrail's `eventTime`.
pub(crate) fn iso(out: &mut Vec<u8>, epoch: i64) {
    let at = civil(epoch);
    date(out, at, "-");
    out.push(b'T');
    clock(out, at, ":");
    out.push(b'Z');
}

/// Appends `20260317T1910Z`, the stamp in log file names.
pub(crate) fn stamp(out: &mut Vec<u8>, epoch: i64) {
    let at = civil(epoch);
    date(out, at, "");
    out.push(b'T');
    padded(out, u64::from(at.hour), 2);
    padded(out, u64::from(at.minute), 2);
    out.push(b'Z');
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(at: Civil) -> &'static [u8] {
    MONTHS[(at.month as usize - 1) % 12].as_bytes()
}

/// Appends `Mar 17, 2026, 7:14:07 PM`, the form in which IAM and STS answer.
pub(crate) fn american(out: &mut Vec<u8>, epoch: i64) {
    let at = civil(epoch);
    out.extend_from_slice(month(at));
    out.push(b' ');
    int(out, u64::from(at.day));
    out.extend_from_slice(b", ");
    int(out, u64::from(at.year));
    out.extend_from_slice(b", ");
    int(out, u64::from((at.hour + 11) % 12 + 1));
    out.push(b':');
    padded(out, u64::from(at.minute), 2);
    out.push(b':');
    padded(out, u64::from(at.second), 2);
    out.extend_from_slice(if at.hour < 12 { b" AM" } else { b" PM" });
}

/// Appends `17/Mar/2026:19:14:07 +0000`, the common log format.
pub(crate) fn common_log(out: &mut Vec<u8>, epoch: i64) {
    let at = civil(epoch);
    padded(out, u64::from(at.day), 2);
    out.push(b'/');
    out.extend_from_slice(month(at));
    out.push(b'/');
    int(out, u64::from(at.year));
    out.push(b':');
    clock(out, at, ":");
    out.extend_from_slice(b" +0000");
}

/// Appends a string.
pub(crate) fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// Runs a writer and returns what it wrote. Everything this crate writes is ASCII or UTF-8.
pub(crate) fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn dates_agree_with_chrono() {
        for epoch in (0..250_000_000_000i64).step_by(86_399_371) {
            let expected = DateTime::from_timestamp(epoch, 0).unwrap();
            assert_eq!(written(|out| iso(out, epoch)), expected.format("%Y-%m-%dT%H:%M:%SZ").to_string());
            assert_eq!(
                written(|out| american(out, epoch)),
                expected.format("%b %-d, %Y, %-I:%M:%S %p").to_string()
            );
            assert_eq!(
                written(|out| common_log(out, epoch)),
                expected.format("%d/%b/%Y:%H:%M:%S +0000").to_string()
            );
            assert_eq!(written(|out| stamp(out, epoch)), expected.format("%Y%m%dT%H%MZ").to_string());
        }
    }

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(written(|out| int(out, 0)), "0");
        assert_eq!(written(|out| int(out, u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(|out| padded(out, 7, 3)), "007");
    }
}
