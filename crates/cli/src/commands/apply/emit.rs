//! `trailkeep apply --emit cloudformation`: AWS is not asked, and nothing is changed.

use std::io::{self, Write};

use trailkeep_baseline::emit::{DataEvents, EmitError, EmitSettings, ObjectLock, cloudformation};

use crate::args::{DataEventsOf, Emit, EmitFormat, Format, Global, ObjectLockMode};
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
pub(crate) fn run(global: &Global, args: &Emit) -> anyhow::Result<Status> {
    let EmitFormat::Cloudformation = args.emit;
    let template = match cloudformation(&settings(args)) {
        Ok(template) => template,
        Err(error @ (EmitError::Setting { .. } | EmitError::Retention { .. })) => {
            note(&format!("error: {}", clean(&error.to_string())));
            return Ok(Status::Usage);
        }
        Err(error) => return Err(error.into()),
    };
    match global.output {
        Format::Table => io::stdout().lock().write_all(template.to_yaml()?.as_bytes())?,
        Format::Json | Format::Ndjson => document(global.output, template.as_json())?,
        _ => {
            note("error: a template is YAML, or JSON with -o json");
            return Ok(Status::Usage);
        }
    }
    if !global.quiet {
        note(HINT);
    }
    Ok(Status::Done)
}

fn settings(args: &Emit) -> EmitSettings {
    EmitSettings {
        home_region: args.home_region.clone(),
        retention_days: args.retention_days,
        notify_email: args.notify_email.clone(),
        organization_id: args.organization_id.clone(),
        central_bucket: args.central_bucket.clone(),
        object_lock: match args.object_lock {
            ObjectLockMode::None => ObjectLock::None,
            ObjectLockMode::Governance => ObjectLock::Governance,
            ObjectLockMode::Compliance => ObjectLock::Compliance,
        },
        data_events: match args.data_events {
            DataEventsOf::LogBucket => DataEvents::LogBucket,
            DataEventsOf::AllBuckets => DataEvents::AllBuckets,
        },
    }
}
