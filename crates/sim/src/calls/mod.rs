//! The API calls that take place, one template each, by service.
//!
//! To add a call, add an entry to its service's `CALLS` and name it in a routine
//! (`routine.rs`) as `service:Call`. The golden test shows what it looks like as a record.

mod compute;
mod containers;
mod data;
mod edge;
mod identity;
mod messaging;
mod network;
mod secrets;
mod storage;
mod watch;

use crate::config::SimError;
use crate::template::Template;

/// What is the same for all calls of a service.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    /// `eventSource` without `.amazonaws.com`.
    pub(crate) name: &'static str,
    /// `eventVersion`, as the service writes it.
    pub(crate) version: &'static str,
    pub(crate) api_version: Option<&'static str>,
    /// The service has one endpoint, whose events appear in us-east-1.
    pub(crate) global: bool,
    pub(crate) style: Style,
}

/// How a service refuses, and what its request ids look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `AccessDenied`, and the request is not recorded when refused (IAM, STS and most others).
    Json,
    /// `Client.UnauthorizedOperation`, request recorded.
    Ec2,
    /// 16-letter request ids, request recorded, data in `additionalEventData`.
    S3,
}

/// What sort of event a call makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Read,
    Write,
    DataRead,
    DataWrite,
    /// `AwsConsoleSignIn`.
    SignIn,
    /// `AwsServiceEvent`: no request at all.
    ServiceEvent,
    /// `NetworkActivity`: a call that a VPC endpoint's policy refused.
    Network,
}

/// A way in which a call fails.
#[derive(Clone, Copy)]
pub(crate) struct Failure {
    pub(crate) per_mille: u32,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

/// One API call.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) sort: Sort,
    pub(crate) request: &'static str,
    pub(crate) response: &'static str,
    /// `additionalEventData`, or `serviceEventDetails` of a service event.
    pub(crate) extra: &'static str,
    pub(crate) resources: &'static str,
    pub(crate) failure: Option<Failure>,
}

impl Call {
    pub(crate) const fn new(sort: Sort, name: &'static str, request: &'static str) -> Call {
        Call { name, sort, request, response: "null", extra: "", resources: "", failure: None }
    }

    /// A call that changes nothing. CloudTrail records no answer to it.
    pub(crate) const fn read(name: &'static str, request: &'static str) -> Call {
        Call::new(Sort::Read, name, request)
    }

    /// A call that changes something, and its answer.
    pub(crate) const fn write(name: &'static str, request: &'static str, response: &'static str) -> Call {
        Call::new(Sort::Write, name, request).answer(response)
    }

    pub(crate) const fn answer(mut self, response: &'static str) -> Call {
        self.response = response;
        self
    }

    pub(crate) const fn extra(mut self, extra: &'static str) -> Call {
        self.extra = extra;
        self
    }

    pub(crate) const fn resources(mut self, resources: &'static str) -> Call {
        self.resources = resources;
        self
    }

    pub(crate) const fn fails(mut self, per_mille: u32, code: &'static str, message: &'static str) -> Call {
        self.failure = Some(Failure { per_mille, code, message });
        self
    }
}

/// A service and its calls.
pub(crate) struct Suite {
    pub(crate) service: Service,
    pub(crate) calls: &'static [Call],
}

const fn service(name: &'static str, version: &'static str) -> Service {
    Service { name, version, api_version: None, global: false, style: Style::Json }
}

const fn global(name: &'static str, version: &'static str) -> Service {
    Service { global: true, ..service(name, version) }
}

/// Every suite there is.
pub(crate) fn suites() -> impl Iterator<Item = &'static Suite> {
    [
        compute::SUITES,
        containers::SUITES,
        data::SUITES,
        edge::SUITES,
        identity::SUITES,
        messaging::SUITES,
        network::SUITES,
        secrets::SUITES,
        storage::SUITES,
        watch::SUITES,
    ]
    .into_iter()
    .flatten()
}

/// The service of that name.
pub(crate) fn service_named(name: &str) -> Result<&'static Service, SimError> {
    suites()
        .map(|suite| &suite.service)
        .find(|service| service.name == name)
        .ok_or_else(|| SimError::UnknownCall(name.to_owned()))
}

/// A call with its templates parsed.
pub(crate) struct ReadyCall {
    pub(crate) service: &'static Service,
    pub(crate) call: Call,
    pub(crate) request: Template,
    pub(crate) response: Template,
    pub(crate) extra: Option<Template>,
    pub(crate) resources: Option<Template>,
    pub(crate) failure_message: Option<Template>,
}

impl ReadyCall {
    pub(crate) fn new(service: &'static Service, call: Call) -> Result<ReadyCall, SimError> {
        let optional =
            |source: &'static str| (!source.is_empty()).then(|| Template::parse(source)).transpose();
        Ok(ReadyCall {
            service,
            request: Template::parse(call.request)?,
            response: Template::parse(call.response)?,
            extra: optional(call.extra)?,
            resources: optional(call.resources)?,
            failure_message: optional(call.failure.map_or("", |failure| failure.message))?,
            call,
        })
    }

    /// `service:Call`, the name that routines use.
    pub(crate) fn is(&self, name: &str) -> bool {
        name.split_once(':')
            .is_some_and(|(service, call)| service == self.service.name && call == self.call.name)
    }
}

/// Every call, parsed.
pub(crate) fn registry() -> Result<Vec<ReadyCall>, SimError> {
    suites().flat_map(|suite| suite.calls.iter().map(|call| ReadyCall::new(&suite.service, *call))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_templates_parse_and_names_are_unique() {
        let calls = registry().unwrap();
        let names: std::collections::BTreeSet<_> =
            calls.iter().map(|c| (c.service.name, c.call.name)).collect();
        assert_eq!(names.len(), calls.len());
        assert!(calls.len() >= 60, "{} calls", calls.len());
        let services: std::collections::BTreeSet<_> = names.iter().map(|n| n.0).collect();
        assert!(services.len() >= 20, "{} services", services.len());
    }
}
