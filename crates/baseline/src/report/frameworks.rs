//! The names of the catalogues that checks are mapped to.

use crate::check::Frameworks;

/// Each catalogue's name and the ids in it, those that have any.
pub(super) fn named(
    frameworks: &Frameworks,
) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let Frameworks { cis_1_4, cis_3_0, cis_5_0, security_hub, config_rules, nist_800_53, pci_dss_4 } =
        *frameworks;
    [
        ("CIS AWS Foundations 1.4", cis_1_4),
        ("CIS AWS Foundations 3.0", cis_3_0),
        ("CIS AWS Foundations 5.0", cis_5_0),
        ("AWS Security Hub", security_hub),
        ("AWS Config rules", config_rules),
        ("NIST SP 800-53 r5", nist_800_53),
        ("PCI DSS 4", pci_dss_4),
    ]
    .into_iter()
    .filter(|(_, ids)| !ids.is_empty())
}

/// `NIST SP 800-53 r5 AU-12`, one text per id, as finding formats want them.
pub(super) fn requirements(frameworks: &Frameworks) -> Vec<String> {
    named(frameworks).flat_map(|(name, ids)| ids.iter().map(move |id| format!("{name} {id}"))).collect()
}
