//! `trailkeep apply --emit cloudformation`: AWS is not asked, and nothing is changed.

use std::io::{self, Write};

use trailkeep_baseline::emit::{DataEvents, EmitError, EmitSettings, ObjectLock, cloudformation};
use trailkeep_baseline::plan::Notify;

use crate::args::{Apply, DataEventsOf, EmitFormat, Format, Global, ObjectLockMode};
use crate::exit::Status;
use crate::output::{clean, document, note};

/// How it is put to use; the template itself goes to stdout alone, for a file or a pipe.
const HINT: &str = "\
One account, in its home Region:
  aws cloudformation deploy --template-file FILE --stack-name trailkeep --capabilities CAPABILITY_NAMED_IAM
The other Regions, or the accounts of an organisation: a StackSet of the same template over accounts
and Regions, the home Region among them.
`trailkeep check` afterwards says what is left: logging of services that are there already, and what
CloudFormation has no resource for.";

/// Prints the template.
pub(crate) fn run(global: &Global, args: &Apply, format: EmitFormat) -> anyhow::Result<Status> {
    let EmitFormat::Cloudformation = format;
    let email = match args.notify.as_slice() {
        [] => None,
        [Notify { protocol, endpoint }] if protocol == "email" => Some(endpoint.clone()),
        _ => return Ok(refused("a template tells one e-mail address: --notify email:ADDRESS")),
    };
    let template = match cloudformation(&settings(global, args, email)?) {
        Ok(template) => template,
        Err(error @ (EmitError::Setting { .. } | EmitError::Retention { .. })) => {
            return Ok(refused(&error.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    match global.output {
        Format::Table => io::stdout().lock().write_all(template.to_yaml()?.as_bytes())?,
        Format::Json | Format::Ndjson => document(global.output, template.as_json())?,
        _ => return Ok(refused("a template is YAML, or JSON with -o json")),
    }
    if !global.quiet {
        note(HINT);
    }
    Ok(Status::Done)
}

fn refused(why: &str) -> Status {
    note(&format!("error: {}", clean(why)));
    Status::Usage
}

/// Options, and for the rest what the configuration says.
fn settings(global: &Global, args: &Apply, email: Option<String>) -> anyhow::Result<EmitSettings> {
    let defaults = EmitSettings::default();
    Ok(EmitSettings {
        home_region: args.home_region.clone().unwrap_or(defaults.home_region),
        retention_days: super::config(global)?.check.settings.retention_days,
        notify_email: email,
        organization_id: args.template.organization_id.clone(),
        central_bucket: args.template.central_bucket.clone(),
        object_lock: args.template.object_lock.map_or(defaults.object_lock, |mode| match mode {
            ObjectLockMode::None => ObjectLock::None,
            ObjectLockMode::Governance => ObjectLock::Governance,
            ObjectLockMode::Compliance => ObjectLock::Compliance,
        }),
        data_events: args.template.data_events.map_or(defaults.data_events, |of| match of {
            DataEventsOf::LogBucket => DataEvents::LogBucket,
            DataEventsOf::AllBuckets => DataEvents::AllBuckets,
        }),
    })
}
