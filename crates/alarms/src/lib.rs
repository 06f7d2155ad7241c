//! CloudWatch's alarms: metric filters make metrics, metrics decide alarms.
