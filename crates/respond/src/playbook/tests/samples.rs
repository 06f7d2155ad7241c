//! Events of every playbook, in CloudTrail's real shapes.

use serde_json::{Value, json};

use super::super::event::Event;
use super::super::facets;
use super::super::plan::{self, Priors, Repair, playbook_for};

/// An event and what was seen before it: facet, subject, state.
pub(in crate::playbook) struct Sample {
    pub(in crate::playbook) source: &'static str,
    pub(in crate::playbook) name: &'static str,
    pub(in crate::playbook) request: Value,
    pub(in crate::playbook) response: Value,
    pub(in crate::playbook) priors: Vec<(&'static str, &'static str, Value)>,
}

pub(in crate::playbook) fn sample(
    source: &'static str,
    name: &'static str,
    request: Value,
    response: Value,
) -> Sample {
    Sample { source, name, request, response, priors: Vec::new() }
}

impl Sample {
    pub(in crate::playbook) fn prior(
        mut self,
        facet: &'static str,
        subject: &'static str,
        state: Value,
    ) -> Self {
        self.priors.push((facet, subject, state));
        self
    }

    pub(in crate::playbook) fn repairs(&self) -> Vec<Repair> {
        let record = json!({
            "eventID": "e-1", "eventTime": "2026-05-04T09:16:52Z", "eventSource": format!("{}.amazonaws.com", self.source),
            "eventName": self.name, "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
            "userIdentity": {"arn": "arn:aws:iam::111122223333:user/alice"},
            "requestParameters": self.request, "responseElements": self.response,
        });
        let event = Event::read(&record).unwrap();
        let playbook = playbook_for(&event).unwrap();
        let mut priors = Priors::default();
        let needs = (playbook.needs)(&event);
        for (facet, subject, state) in &self.priors {
            assert!(
                needs.iter().any(|need| need.facet.name == *facet && need.subject == *subject),
                "{} does not ask for {facet} of {subject}",
                self.name
            );
            priors.insert(facets::find(facet).unwrap(), subject, state.as_object().unwrap().clone());
        }
        plan::plan(&event, playbook, &priors)
    }
}

pub(in crate::playbook) const GROUP: &str = "sg-0a1b2c3d4e5f60718";
const ACL: &str = "acl-0fedcba9876543210";
pub(in crate::playbook) const BUCKET: &str = "acme-cloudtrail-logs";
pub(in crate::playbook) const BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188";
pub(in crate::playbook) const WEB_ACL: &str =
    "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/main/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
pub(in crate::playbook) const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn rules() -> Value {
    json!({
        "sgr-01": {"SecurityGroupRuleId": "sgr-01", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "CidrIpv4": "10.0.0.0/8", "Description": "inside", "Tags": [{"Key": "team", "Value": "web"}]},
        "sgr-02": {"SecurityGroupRuleId": "sgr-02", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
            "ReferencedGroupId": "sg-0cafe", "ReferencedGroupOwner": "444455556666"},
        "sgr-03": {"SecurityGroupRuleId": "sgr-03", "IsEgress": true, "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"},
        "sgr-04": {"SecurityGroupRuleId": "sgr-04", "IsEgress": true, "IpProtocol": "udp", "FromPort": 53, "ToPort": 53,
            "PrefixListId": "pl-0abc"},
    })
}

pub(in crate::playbook) fn answered(rules: Value) -> Value {
    json!({"requestId": "r", "_return": true, "securityGroupRuleSet": {"items": rules}})
}

fn entry(number: i64, cidr: &str) -> Value {
    json!({"RuleNumber": number, "Egress": false, "Protocol": "6", "RuleAction": "deny", "CidrBlock": cidr,
        "PortRange": {"From": 22, "To": 22}})
}

fn entries() -> Value {
    json!({"ingress 90": entry(90, "0.0.0.0/0"), "ingress 32767": {"RuleNumber": 32767, "Egress": false,
        "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"}})
}

pub(in crate::playbook) fn public_block(on: bool) -> Value {
    json!({"BlockPublicAcls": on, "IgnorePublicAcls": on, "BlockPublicPolicy": on, "RestrictPublicBuckets": on})
}

pub(in crate::playbook) fn policy(principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Allow", "Principal": principal,
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-cloudtrail-logs/*"}]})
}

fn security_groups() -> Vec<Sample> {
    let requested = json!({"groupId": GROUP, "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
        "groups": {"items": [{"groupId": "sg-0cafe"}]}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0", "description": "x"}]},
        "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}, "prefixListIds": {"items": [{"prefixListId": "pl-0abc"}]}}]}});
    let set = json!([
        {"groupOwnerId": "111122223333", "groupId": GROUP, "securityGroupRuleId": "sgr-0a", "isEgress": false, "ipProtocol": "tcp",
            "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0", "description": "x"},
        {"groupOwnerId": "111122223333", "groupId": GROUP, "securityGroupRuleId": "sgr-0b", "isEgress": false, "ipProtocol": "tcp",
            "fromPort": 22, "toPort": 22, "cidrIpv6": "::/0"},
        {"groupOwnerId": "111122223333", "groupId": GROUP, "securityGroupRuleId": "sgr-0c", "isEgress": false, "ipProtocol": "tcp",
            "fromPort": 22, "toPort": 22, "prefixListId": "pl-0abc"},
        {"groupOwnerId": "111122223333", "groupId": GROUP, "securityGroupRuleId": "sgr-0d", "isEgress": false, "ipProtocol": "tcp",
            "fromPort": 22, "toPort": 22, "referencedGroupInfo": {"groupId": "sg-0cafe", "userId": "111122223333"}},
    ]);
    let egress = json!([{"groupId": GROUP, "securityGroupRuleId": "sgr-0e", "isEgress": true, "ipProtocol": "-1",
        "fromPort": -1, "toPort": -1, "cidrIpv4": "0.0.0.0/0"}]);
    let revoked = json!({"_return": true, "revokedSecurityGroupRuleSet": {"items": [
        {"securityGroupRuleId": "sgr-01", "groupId": GROUP, "isEgress": false, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
            "cidrIpv4": "10.0.0.0/8", "description": "inside"},
        {"securityGroupRuleId": "sgr-02", "groupId": GROUP, "isEgress": false, "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432,
            "referencedGroupId": "sg-0cafe"},
    ]}});
    let by_id =
        json!({"groupId": GROUP, "securityGroupRuleIds": {"items": [{"securityGroupRuleId": "sgr-04"}]}});
    let modify = json!({"ModifySecurityGroupRulesRequest": {"GroupId": GROUP, "SecurityGroupRule": {"SecurityGroupRuleId": "sgr-01",
        "tag": 1, "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "CidrIpv4": "0.0.0.0/0",
            "Description": "inside"}}}});
    let describe = json!({"UpdateSecurityGroupRuleDescriptionsIngressRequest": {"GroupId": GROUP, "IpPermissions": {"IpProtocol": "tcp",
        "FromPort": 443, "ToPort": 443, "tag": 1, "IpRanges": {"CidrIp": "10.0.0.0/8", "Description": "nothing to see", "tag": 1}}}});
    let describe_egress = json!({"UpdateSecurityGroupRuleDescriptionsEgressRequest": {"GroupId": GROUP,
        "SecurityGroupRuleDescription": {"SecurityGroupRuleId": "sgr-04", "Description": "dns", "tag": 1}}});
    let old = json!({"groupId": GROUP, "ipPermissions": {}, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"});
    let create = json!({"groupName": "web", "groupDescription": "x", "vpcId": "vpc-1"});
    let group = json!({"SecurityGroup": {"GroupName": "web", "Description": "the web", "VpcId": "vpc-1",
        "Tags": [{"Key": "team", "Value": "web"}]}});
    vec![
        sample("ec2", "AuthorizeSecurityGroupIngress", requested, answered(set)),
        sample("ec2", "AuthorizeSecurityGroupEgress", json!({"groupId": GROUP}), answered(egress)),
        sample("ec2", "AuthorizeSecurityGroupIngress", old.clone(), json!({"_return": true})),
        sample("ec2", "RevokeSecurityGroupIngress", json!({"groupId": GROUP}), revoked).prior(
            "security-group-rules",
            GROUP,
            rules(),
        ),
        sample("ec2", "RevokeSecurityGroupIngress", old, json!({"_return": true})),
        sample("ec2", "RevokeSecurityGroupEgress", by_id.clone(), json!({"_return": true})).prior(
            "security-group-rules",
            GROUP,
            rules(),
        ),
        sample("ec2", "RevokeSecurityGroupEgress", by_id, json!({"_return": true})),
        sample("ec2", "ModifySecurityGroupRules", modify.clone(), json!({})).prior(
            "security-group-rules",
            GROUP,
            rules(),
        ),
        sample("ec2", "ModifySecurityGroupRules", modify, json!({})),
        sample("ec2", "UpdateSecurityGroupRuleDescriptionsIngress", describe, json!({})).prior(
            "security-group-rules",
            GROUP,
            rules(),
        ),
        sample("ec2", "UpdateSecurityGroupRuleDescriptionsEgress", describe_egress, json!({})).prior(
            "security-group-rules",
            GROUP,
            rules(),
        ),
        sample("ec2", "CreateSecurityGroup", create, json!({"groupId": GROUP})),
        sample("ec2", "DeleteSecurityGroup", json!({"groupId": GROUP}), json!({"_return": true}))
            .prior("security-group", GROUP, group)
            .prior("security-group-rules", GROUP, rules()),
        sample("ec2", "DeleteSecurityGroup", json!({"groupId": GROUP}), json!({"_return": true})),
    ]
}

fn network_acls() -> Vec<Sample> {
    let request = json!({"networkAclId": ACL, "ruleNumber": 90, "egress": false, "ruleAction": "allow", "aclProtocol": "6",
        "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}, "cidrBlock": "0.0.0.0/0"});
    let named = json!({"networkAclId": ACL, "ruleNumber": 90, "egress": false});
    let associate = json!({"associationId": "aclassoc-0abc", "networkAclId": ACL});
    let associated = json!({"requestId": "r", "newAssociationId": "aclassoc-0def"});
    let association = json!({"Association": {"SubnetId": "subnet-1", "NetworkAclId": "acl-0good", "NetworkAclAssociationId": "aclassoc-0abc"}});
    let created = json!({"networkAcl": {"networkAclId": ACL, "vpcId": "vpc-1"}});
    let ok = || json!({"_return": true});
    vec![
        sample("ec2", "CreateNetworkAclEntry", request.clone(), ok()),
        sample("ec2", "ReplaceNetworkAclEntry", request.clone(), ok()).prior(
            "network-acl-entries",
            ACL,
            entries(),
        ),
        sample("ec2", "ReplaceNetworkAclEntry", request, ok()),
        sample("ec2", "DeleteNetworkAclEntry", named, ok()).prior("network-acl-entries", ACL, entries()),
        sample("ec2", "ReplaceNetworkAclAssociation", associate.clone(), associated.clone()).prior(
            "network-acl-association",
            "aclassoc-0abc",
            association,
        ),
        sample("ec2", "ReplaceNetworkAclAssociation", associate, associated),
        sample("ec2", "CreateNetworkAcl", json!({"vpcId": "vpc-1"}), created),
        sample("ec2", "DeleteNetworkAcl", json!({"networkAclId": ACL}), ok()).prior(
            "network-acl-entries",
            ACL,
            entries(),
        ),
    ]
}

fn trails() -> Vec<Sample> {
    let settings = json!({"S3BucketName": BUCKET, "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
        "LogFileValidationEnabled": true, "KmsKeyId": "arn:aws:kms:eu-central-1:111122223333:key/1", "IsOrganizationTrail": false});
    let updated = json!({"name": "main", "s3BucketName": "evil", "includeGlobalServiceEvents": true, "isMultiRegionTrail": false,
        "trailARN": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main", "logFileValidationEnabled": false, "isOrganizationTrail": false});
    let selectors = json!({"AdvancedEventSelectors": [{"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]});
    let put = json!({"trailName": "main", "eventSelectors": [{"readWriteType": "ReadOnly", "includeManagementEvents": false,
        "dataResources": [], "excludeManagementEventSources": []}]});
    let arn = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main";
    vec![
        sample("cloudtrail", "StopLogging", json!({"name": arn}), json!(null)),
        sample(
            "cloudtrail",
            "UpdateTrail",
            json!({"name": "main", "isMultiRegionTrail": false}),
            updated.clone(),
        )
        .prior("trail-settings", "main", settings.clone()),
        sample("cloudtrail", "UpdateTrail", json!({"name": "main"}), updated),
        sample("cloudtrail", "PutEventSelectors", put, json!({})).prior(
            "trail-selectors",
            "main",
            selectors.clone(),
        ),
        sample("cloudtrail", "DeleteTrail", json!({"name": "main"}), json!(null))
            .prior("trail-settings", "main", settings)
            .prior("trail-selectors", "main", selectors),
    ]
}

fn buckets() -> Vec<Sample> {
    let about =
        |member: &str, value: Value| json!({"bucketName": BUCKET, "Host": "s3.amazonaws.com", member: value});
    let block = |on: bool| json!({"PublicAccessBlockConfiguration": public_block(on)});
    let weaker = json!({"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "RestrictPublicBuckets": false, "BlockPublicPolicy": false,
        "BlockPublicAcls": true, "IgnorePublicAcls": true});
    let logging = json!({"LoggingEnabled": {"TargetBucket": "acme-access-logs", "TargetPrefix": "s3/"}});
    let known = |principal: &str| json!({"Policy": policy(principal).to_string()});
    vec![
        sample(
            "s3",
            "PutBucketPublicAccessBlock",
            about("PublicAccessBlockConfiguration", weaker.clone()),
            json!(null),
        )
        .prior("bucket-public-access-block", BUCKET, block(true)),
        sample(
            "s3",
            "PutBucketPublicAccessBlock",
            about("PublicAccessBlockConfiguration", weaker),
            json!(null),
        ),
        sample("s3", "DeleteBucketPublicAccessBlock", about("publicAccessBlock", json!("")), json!(null))
            .prior("bucket-public-access-block", BUCKET, block(true)),
        sample("s3", "DeleteAccountPublicAccessBlock", json!({"publicAccessBlock": ""}), json!(null)).prior(
            "account-public-access-block",
            "111122223333",
            block(true),
        ),
        sample("s3", "PutBucketPolicy", about("bucketPolicy", policy("*")), json!(null)).prior(
            "bucket-policy",
            BUCKET,
            known("arn:aws:iam::111122223333:root"),
        ),
        sample("s3", "PutBucketPolicy", about("bucketPolicy", policy("*")), json!(null)).prior(
            "bucket-policy",
            BUCKET,
            json!({}),
        ),
        sample("s3", "DeleteBucketPolicy", about("policy", json!("")), json!(null)).prior(
            "bucket-policy",
            BUCKET,
            known("arn:aws:iam::111122223333:root"),
        ),
        sample(
            "s3",
            "PutBucketLogging",
            about("BucketLoggingStatus", json!({"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"})),
            json!(null),
        )
        .prior("bucket-logging", BUCKET, logging),
    ]
}

fn others() -> Vec<Sample> {
    let log = json!({"FlowLog": {"FlowLogId": "fl-1", "ResourceId": "vpc-1", "TrafficType": "ALL", "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::acme-flow-logs", "LogFormat": "${version}", "MaxAggregationInterval": 60,
        "Tags": [{"Key": "k", "Value": "v"}]}});
    let delete = json!({"DeleteFlowLogsRequest": {"FlowLogId": [{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}]}});
    let waf = json!({"LoggingConfiguration": {"ResourceArn": WEB_ACL, "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-acme"]}});
    let off = json!({"loadBalancerArn": BALANCER, "attributes": [{"key": "access_logs.s3.enabled", "value": "false"}]});
    let attributes = json!({"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "acme-lb", "access_logs.s3.prefix": "web",
        "connection_logs.s3.enabled": "false", "idle_timeout.timeout_seconds": "60"});
    let classic =
        json!({"loadBalancerName": "old", "loadBalancerAttributes": {"accessLog": {"enabled": false}}});
    let log_of = json!({"AccessLog": {"Enabled": true, "S3BucketName": "acme-lb", "EmitInterval": 60, "S3BucketPrefix": "old"}});
    let arn = format!("arn:aws:kms:eu-central-1:111122223333:key/{KEY}");
    let schedule = json!({"keyId": arn, "pendingWindowInDays": 7});
    vec![
        sample("ec2", "DeleteFlowLogs", delete, json!({"DeleteFlowLogsResponse": {"unsuccessful": ""}}))
            .prior("flow-log", "fl-1", log),
        sample("wafv2", "DeleteLoggingConfiguration", json!({"resourceArn": WEB_ACL}), json!(null)).prior(
            "waf-logging",
            WEB_ACL,
            waf,
        ),
        sample("elasticloadbalancing", "ModifyLoadBalancerAttributes", off, json!({})).prior(
            "load-balancer-attributes",
            BALANCER,
            attributes,
        ),
        sample("elasticloadbalancing", "ModifyLoadBalancerAttributes", classic, json!({})).prior(
            "classic-load-balancer-attributes",
            "old",
            log_of,
        ),
        sample(
            "monitoring",
            "DisableAlarmActions",
            json!({"alarmNames": ["root-use", "silent"]}),
            json!(null),
        )
        .prior("alarm-actions", "silent", json!({"silent": {"ActionsEnabled": false}})),
        sample("kms", "ScheduleKeyDeletion", schedule.clone(), json!({"keyId": arn})),
        sample("kms", "ScheduleKeyDeletion", schedule, json!({"keyId": arn})).prior(
            "kms-key",
            KEY,
            json!({"Key": {"KeyState": "Disabled"}}),
        ),
        sample("kms", "DisableKey", json!({"keyId": arn}), json!(null)),
    ]
}

pub(in crate::playbook) fn samples() -> Vec<Sample> {
    [security_groups(), network_acls(), trails(), buckets(), others()].into_iter().flatten().collect()
}
