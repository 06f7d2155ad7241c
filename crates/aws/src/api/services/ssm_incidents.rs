//! Incident Manager, of AWS Systems Manager.

use crate::api::{Answer, Http, Operation, Protocol, Service};

/// Incident Manager.
pub static SERVICE: Service = Service::new("ssm-incidents", "SSM Incidents", Protocol::RestJson);

/// [StartIncident](https://docs.aws.amazon.com/goto/WebAPI/ssm-incidents-2018-05-10/StartIncident).
pub static START_INCIDENT: Operation =
    Operation::new(&SERVICE, "StartIncident", "ssm-incidents:StartIncident")
        .http(Http::new("POST", "/startIncident"));

/// [UpdateIncidentRecord](https://docs.aws.amazon.com/goto/WebAPI/ssm-incidents-2018-05-10/UpdateIncidentRecord).
pub static UPDATE_INCIDENT_RECORD: Operation =
    Operation::new(&SERVICE, "UpdateIncidentRecord", "ssm-incidents:UpdateIncidentRecord")
        .http(Http::new("POST", "/updateIncidentRecord").answer(Answer::Nothing));

/// [CreateTimelineEvent](https://docs.aws.amazon.com/goto/WebAPI/ssm-incidents-2018-05-10/CreateTimelineEvent).
pub static CREATE_TIMELINE_EVENT: Operation =
    Operation::new(&SERVICE, "CreateTimelineEvent", "ssm-incidents:CreateTimelineEvent")
        .http(Http::new("POST", "/createTimelineEvent"));
