//! Transitions of alarms that CloudWatch evaluates.
