//! The registry: every call that a step can make, with what it changes. A call that is missing here is
//! an error of the plan's tests.

mod alarms;
mod apigateway;
mod balancers;
mod cloudtrail;
mod clusters;
mod config;
mod databases;
mod deliveries;
mod events;
mod findings;
mod firewall;
mod flow_logs;
mod iam;
mod kms;
mod logs;
mod queries;
mod s3;
mod sns;
mod states;
mod waf;

use super::effect::Effect;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Effect> {
    let services: [&'static [Effect]; 20] = [
        &s3::EFFECTS,
        &kms::EFFECTS,
        &iam::EFFECTS,
        &logs::EFFECTS,
        &cloudtrail::EFFECTS,
        &flow_logs::EFFECTS,
        &sns::EFFECTS,
        &alarms::EFFECTS,
        &events::EFFECTS,
        &balancers::EFFECTS,
        &waf::EFFECTS,
        &apigateway::EFFECTS,
        &deliveries::EFFECTS,
        &queries::EFFECTS,
        &databases::EFFECTS,
        &clusters::EFFECTS,
        &firewall::EFFECTS,
        &states::EFFECTS,
        &findings::EFFECTS,
        &config::EFFECTS,
    ];
    services.into_iter().flatten()
}

/// The effect of a call, by its key (`s3:PutBucketPolicy`).
pub(super) fn find(operation: &str) -> Option<&'static Effect> {
    all().find(|effect| effect.operation.key() == operation)
}
