//! What the template's parameters are set to unless told otherwise.

use super::EmitError;

/// The defaults of the template's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmitSettings {
    /// The Region of what is made once per account.
    pub home_region: String,
    /// Logs are kept for at least this many days.
    pub retention_days: i64,
    /// Who is told of alarms.
    pub notify_email: Option<String>,
    /// The organisation whose trails may deliver into the log bucket.
    pub organization_id: Option<String>,
    /// The log bucket of the central account, where this one is to make none.
    pub central_bucket: Option<String>,
    /// How log files are protected from being deleted.
    pub object_lock: ObjectLock,
    /// Of which objects reads and writes are recorded.
    pub data_events: DataEvents,
}

/// How Object Lock protects log files.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectLock {
    /// Not at all.
    #[default]
    None,
    /// Who has the right to do so may lift it.
    Governance,
    /// Nobody can, until the days are over.
    Compliance,
}

/// Of which objects the trail records reads and writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataEvents {
    /// Of those of the log bucket.
    #[default]
    LogBucket,
    /// Of every bucket's. AWS charges for each event; a busy bucket makes many.
    AllBuckets,
}

impl Default for EmitSettings {
    fn default() -> Self {
        Self {
            home_region: "us-east-1".to_owned(),
            retention_days: 365,
            notify_email: None,
            organization_id: None,
            central_bucket: None,
            object_lock: ObjectLock::default(),
            data_events: DataEvents::default(),
        }
    }
}

impl ObjectLock {
    pub(super) const ALL: [Self; 3] = [Self::None, Self::Governance, Self::Compliance];

    /// The parameter's value; of those that lock, S3's own word.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

impl DataEvents {
    pub(super) const ALL: [Self; 2] = [Self::LogBucket, Self::AllBuckets];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::AllBuckets => "AllBuckets",
            Self::LogBucket => "LogBucket",
        }
    }
}

/// The periods that CloudWatch Logs takes, in days.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub(super) const PERIODS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A shape that a setting must have, as CloudFormation checks it too.
pub(super) struct Shape {
    pub(super) what: &'static str,
    pub(super) example: &'static str,
    /// `AllowedPattern` of the parameter, which may also be empty.
    pub(super) pattern: &'static str,
    fits: fn(&str) -> bool,
}

pub(super) const REGION: Shape = Shape {
    what: "Region",
    example: "eu-central-1",
    pattern: "^[a-z]{2,5}(-[a-z]+)+-[0-9]+$",
    fits: |text| {
        let mut parts = text.split('-');
        let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let first = parts.next().is_some_and(|part| lower(part) && (2..=5).contains(&part.len()));
        let number = parts
            .next_back()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let middle: Vec<&str> = parts.collect();
        first && number && !middle.is_empty() && middle.into_iter().all(lower)
    },
};

pub(super) const EMAIL: Shape = Shape {
    what: "e-mail address",
    example: "security@example.com",
    pattern: r"^$|^[^\s@]+@[^\s@]+$",
    fits: |text| {
        let whole = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
        text.split_once('@').is_some_and(|(user, host)| whole(user) && whole(host))
    },
};

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
pub(super) const ORGANIZATION: Shape = Shape {
    what: "id of an organisation",
    example: "o-a1b2c3d4e5",
    pattern: "^$|^o-[a-z0-9]{10,32}$",
    fits: |text| {
        let id = text.strip_prefix("o-").unwrap_or_default();
        (10..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    },
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(super) const BUCKET: Shape = Shape {
    what: "name of a bucket",
    example: "trailkeep-logs-111122223333-eu-central-1",
    pattern: "^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    fits: |text| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        (3..=63).contains(&bytes.len())
            && bytes.iter().all(|&b| plain(b) || b == b'.' || b == b'-')
            && bytes.first().is_some_and(|&b| plain(b))
            && bytes.last().is_some_and(|&b| plain(b))
    },
};

impl Shape {
    /// The value, or nothing where there is none.
    pub(super) fn default<'a>(&self, value: Option<&'a str>) -> Result<&'a str, EmitError> {
        match value {
            Some(value) if !(self.fits)(value) => {
                Err(EmitError::Setting { what: self.what, value: value.to_owned(), example: self.example })
            }
            value => Ok(value.unwrap_or("")),
        }
    }
}

impl EmitSettings {
    /// The shortest period of at least the days that are wanted.
    pub(super) fn period(&self) -> Result<i64, EmitError> {
        let days = self.retention_days;
        let period = PERIODS.into_iter().find(|&period| days > 0 && period >= days);
        period.ok_or(EmitError::Retention { days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_take_their_examples_and_refuse_others() {
        for (shape, wrong) in [
            (REGION, ["Frankfurt", "eu-central", "-central-1"]),
            (EMAIL, ["security", "a@b@c", "a b@c"]),
            (ORGANIZATION, ["o-short", "111122223333", "o-A1B2C3D4E5"]),
            (BUCKET, ["ab", "Logs", "-logs-"]),
        ] {
            assert_eq!(shape.default(Some(shape.example)).unwrap(), shape.example);
            assert_eq!(shape.default(None).unwrap(), "");
            for wrong in wrong {
                let error = shape.default(Some(wrong)).unwrap_err().to_string();
                assert!(error.starts_with(&format!("{wrong:?} is no {}", shape.what)), "{error}");
            }
        }
    }

    #[test]
    fn days_become_a_period_of_cloudwatch_logs() {
        let period = |days| EmitSettings { retention_days: days, ..EmitSettings::default() }.period();
        assert_eq!(period(365).unwrap(), 365);
        assert_eq!(period(366).unwrap(), 400);
        assert_eq!(period(3653).unwrap(), 3653);
        for days in [0, -1, 3654] {
            let error = period(days).unwrap_err().to_string();
            assert!(error.contains(&format!("for {days} days")), "{error}");
        }
    }
}
