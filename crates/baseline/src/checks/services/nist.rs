//! The controls of NIST SP 800-53 revision 5 that Security Hub ties to logging controls.
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference-nist-800-53.html>

/// For logs of traffic.
pub(super) const TRAFFIC: &[&str] =
    &["AC-4(26)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-10", "AU-12", "CA-7", "SC-7(9)", "SI-7(8)"];

/// For logs of who did what.
pub(super) const AUDIT: &[&str] = &[
    "AC-2(4)", "AC-4(26)", "AC-6(9)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-10", "AU-12", "CA-7",
    "SC-7(9)", "SI-3(8)", "SI-4(20)", "SI-7(8)",
];
