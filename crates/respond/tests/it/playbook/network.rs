//! Security groups and network ACLs.

use serde_json::{Value, json};
use trailkeep_aws::api::services::ec2;
use trailkeep_baseline::Json;
use trailkeep_state::ResponseStatus;

use super::rig::only_here::{CREATE_MANAGED_PREFIX_LIST, CREATE_SUBNET, CREATE_VPC};
use super::rig::{Look, REGION, Rig, Seen, auto};

/// A VPC with a group that has a rule of each kind, and another group that it refers to.
pub(super) struct Network {
    pub(super) vpc: String,
    pub(super) subnet: String,
    pub(super) group: String,
    pub(super) other: String,
    pub(super) prefix_list: String,
}

impl Network {
    pub(super) async fn new(rig: &Rig) -> Self {
        let vpc = rig.make(&CREATE_VPC, json!({"CidrBlock": "10.0.0.0/16"})).await;
        let vpc = vpc.text("Vpc.VpcId").unwrap().to_owned();
        let subnet = rig.make(&CREATE_SUBNET, json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"})).await;
        let subnet = subnet.text("Subnet.SubnetId").unwrap().to_owned();
        let list = json!({"PrefixListName": "offices", "MaxEntries": 2, "AddressFamily": "IPv4"});
        let list = rig.make(&CREATE_MANAGED_PREFIX_LIST, list).await;
        let prefix_list = list.text("PrefixList.PrefixListId").unwrap().to_owned();
        let group = Self::group(rig, &vpc, "web").await;
        let other = Self::group(rig, &vpc, "other").await;
        let rules = json!([
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "inside"}]},
        ]);
        rig.make(&ec2::AUTHORIZE_SECURITY_GROUP_INGRESS, json!({"GroupId": group, "IpPermissions": rules}))
            .await;
        Self { vpc, subnet, group, other, prefix_list }
    }

    pub(super) async fn group(rig: &Rig, vpc: &str, name: &str) -> String {
        let group = json!({"GroupName": name, "Description": "a group", "VpcId": vpc});
        rig.make(&ec2::CREATE_SECURITY_GROUP, group).await.text("GroupId").unwrap().to_owned()
    }

    pub(super) fn looks(&self) -> Vec<Look> {
        vec![
            (&ec2::DESCRIBE_SECURITY_GROUPS, json!({"GroupIds": [self.group]})),
            (&ec2::DESCRIBE_SECURITY_GROUP_RULES, self.of_group()),
        ]
    }

    pub(super) fn of_group(&self) -> Value {
        json!({"Filters": [{"Name": "group-id", "Values": [self.group]}]})
    }

    /// One rule of each kind of peer, as calls take them.
    fn permissions(&self) -> Value {
        json!([
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "from everywhere"}]},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "PrefixListIds": [{"PrefixListId": self.prefix_list}]},
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": self.other}]},
        ])
    }

    /// The same in CloudTrail's words.
    fn recorded(&self) -> Value {
        json!({"groupId": self.group, "ipPermissions": {"items": [
            {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {}, "ipv6Ranges": {}, "prefixListIds": {},
                "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0", "description": "from everywhere"}]}},
            {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {}, "ipRanges": {}, "prefixListIds": {},
                "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}},
            {"ipProtocol": "udp", "fromPort": 53, "toPort": 53, "groups": {}, "ipRanges": {}, "ipv6Ranges": {},
                "prefixListIds": {"items": [{"prefixListId": self.prefix_list}]}},
            {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "ipRanges": {}, "ipv6Ranges": {}, "prefixListIds": {},
                "groups": {"items": [{"groupId": self.other}]}},
        ]}})
    }

    /// Rules that moto knows and a test does not, in CloudTrail's words: what `securityGroupRuleSet` and
    /// `revokedSecurityGroupRuleSet` say.
    pub(super) async fn recorded_set(&self, rig: &Rig, keep: impl Fn(&Value) -> bool) -> Value {
        let rules = rig.make(&ec2::DESCRIBE_SECURITY_GROUP_RULES, self.of_group()).await;
        let item = |rule: &Value| {
            let mut item = json!({
                "groupOwnerId": rig.account, "groupId": self.group, "securityGroupRuleId": rule["SecurityGroupRuleId"],
                "isEgress": rule["IsEgress"], "ipProtocol": rule["IpProtocol"], "fromPort": rule["FromPort"], "toPort": rule["ToPort"],
            });
            for (from, to) in [
                ("CidrIpv4", "cidrIpv4"),
                ("CidrIpv6", "cidrIpv6"),
                ("PrefixListId", "prefixListId"),
                ("Description", "description"),
                ("ReferencedGroupInfo.GroupId", "referencedGroupId"),
            ] {
                if let Some(text) = rule.text(from) {
                    item[to] = json!(text);
                }
            }
            item
        };
        let items: Vec<Value> =
            rules.items("SecurityGroupRules").iter().filter(|rule| keep(rule)).map(item).collect();
        assert!(!items.is_empty());
        json!({"items": items})
    }

    fn seen_rules() -> Seen {
        (&ec2::DESCRIBE_SECURITY_GROUP_RULES, String::new(), json!({}))
    }
}

fn is_new(rule: &Value) -> bool {
    rule.int("FromPort") != Some(443) && rule.text("IpProtocol") != Some("-1")
}

#[tokio::test]
async fn rules_that_are_added_are_revoked() {
    let Some(rig) = Rig::new("300000000001", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    for (operation, name) in [
        (&ec2::AUTHORIZE_SECURITY_GROUP_INGRESS, "AuthorizeSecurityGroupIngress"),
        (&ec2::AUTHORIZE_SECURITY_GROUP_EGRESS, "AuthorizeSecurityGroupEgress"),
    ] {
        let group =
            Network { group: Network::group(&rig, &network.vpc, name).await, ..network_like(&network) };
        let change = async |rig: &Rig| {
            rig.make(operation, json!({"GroupId": group.group, "IpPermissions": group.permissions()})).await;
            let set = group.recorded_set(rig, is_new).await;
            rig.event("ec2", name, group.recorded(), json!({"_return": true, "securityGroupRuleSet": set}))
        };
        rig.plays(&group.looks(), &[], change).await;
        rig.advance(3600 * 48);
    }
}

fn network_like(network: &Network) -> Network {
    Network {
        vpc: network.vpc.clone(),
        subnet: network.subnet.clone(),
        group: String::new(),
        other: network.other.clone(),
        prefix_list: network.prefix_list.clone(),
    }
}

#[tokio::test]
async fn rules_that_are_revoked_are_restored_with_descriptions_and_tags() {
    let Some(rig) = Rig::new("300000000002", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let tags = json!([{"ResourceType": "security-group-rule", "Tags": [{"Key": "team", "Value": "web"}]}]);
    for (authorize, revoke, name) in [
        (
            &ec2::AUTHORIZE_SECURITY_GROUP_INGRESS,
            &ec2::REVOKE_SECURITY_GROUP_INGRESS,
            "RevokeSecurityGroupIngress",
        ),
        (
            &ec2::AUTHORIZE_SECURITY_GROUP_EGRESS,
            &ec2::REVOKE_SECURITY_GROUP_EGRESS,
            "RevokeSecurityGroupEgress",
        ),
    ] {
        let add = json!({"GroupId": network.group, "IpPermissions": network.permissions(), "TagSpecifications": tags});
        rig.make(authorize, add).await;
        let change = async |rig: &Rig| {
            let is_there = |rule: &Value| is_new(rule) && rule.flag("IsEgress") == name.ends_with("Egress");
            let set = network.recorded_set(rig, is_there).await;
            let ids: Vec<&str> =
                set.items("items").iter().filter_map(|rule| rule.text("securityGroupRuleId")).collect();
            rig.make(revoke, json!({"GroupId": network.group, "SecurityGroupRuleIds": ids})).await;
            let named: Vec<Value> = ids.iter().map(|id| json!({"securityGroupRuleId": id})).collect();
            let request = json!({"groupId": network.group, "securityGroupRuleIds": {"items": named}});
            rig.event("ec2", name, request, json!({"_return": true, "revokedSecurityGroupRuleSet": set}))
        };
        rig.plays(&network.looks(), &[Network::seen_rules()], change).await;
    }
}

#[tokio::test]
async fn a_rule_that_is_modified_is_set_back() {
    let Some(rig) = Rig::new("300000000003", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let change = async |rig: &Rig| {
        let rules = rig.make(&ec2::DESCRIBE_SECURITY_GROUP_RULES, network.of_group()).await;
        let id =
            rules.items("SecurityGroupRules").iter().find(|rule| rule.int("FromPort") == Some(443)).unwrap();
        let id = id.text("SecurityGroupRuleId").unwrap();
        let rule = json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "CidrIpv4": "0.0.0.0/0", "Description": "all of it"});
        let input = json!({"GroupId": network.group, "SecurityGroupRules": [{"SecurityGroupRuleId": id, "SecurityGroupRule": rule}]});
        rig.make(&ec2::MODIFY_SECURITY_GROUP_RULES, input).await;
        let request = json!({"ModifySecurityGroupRulesRequest": {"GroupId": network.group,
            "SecurityGroupRule": {"SecurityGroupRuleId": id, "tag": 1, "SecurityGroupRule": rule}}});
        rig.event(
            "ec2",
            "ModifySecurityGroupRules",
            request,
            json!({"ModifySecurityGroupRulesResponse": {"return": true}}),
        )
    };
    rig.plays(&network.looks(), &[Network::seen_rules()], change).await;
}

#[tokio::test]
async fn descriptions_are_set_back() {
    let Some(rig) = Rig::new("300000000004", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let change = async |rig: &Rig| {
        let rule = |description: &str| {
            json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": description}]})
        };
        let input = json!({"GroupId": network.group, "IpPermissions": [rule("nothing to see")]});
        rig.make(&ec2::UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS, input).await;
        let request = json!({"UpdateSecurityGroupRuleDescriptionsIngressRequest": {"GroupId": network.group,
            "IpPermissions": {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "tag": 1,
                "IpRanges": {"CidrIp": "10.0.0.0/8", "Description": "nothing to see", "tag": 1}}}});
        rig.event(
            "ec2",
            "UpdateSecurityGroupRuleDescriptionsIngress",
            request,
            json!({"UpdateSecurityGroupRuleDescriptionsIngressResponse": {"return": true}}),
        )
    };
    // What one call lists is enough.
    assert_eq!(rig.playbooks.survey(&rig.account, REGION).await.unwrap(), [""; 0]);
    rig.advance(60);
    rig.plays(&network.looks(), &[], change).await;
}

#[tokio::test]
async fn groups_are_told_and_described() {
    let Some(mut rig) = Rig::new("300000000005", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let protected = trailkeep_respond::playbook::PlaybookRule { vpcs: vec![network.vpc.clone()], ..auto() };
    rig.protect(protected);
    let made = Network::group(&rig, &network.vpc, "made").await;
    let request = json!({"groupName": "made", "groupDescription": "a group", "vpcId": network.vpc});
    let event = rig.event("ec2", "CreateSecurityGroup", request, json!({"groupId": made}));
    let told = rig.handle(&event).await;
    rig.told(&told, ResponseStatus::Observed).await;
    assert!(told.changed.contains(&format!("created security group {made} named made in {}", network.vpc)));
    // Reading it after its creation was enough to describe it after its end.
    rig.advance(60);
    rig.make(&ec2::DELETE_SECURITY_GROUP, json!({"GroupId": made})).await;
    let event = rig.event("ec2", "DeleteSecurityGroup", json!({"groupId": made}), json!({"_return": true}));
    let told = rig.handle(&event).await;
    rig.told(&told, ResponseStatus::Observed).await;
    let first = &told.plan["remedy"]["calls"][0];
    assert_eq!(
        (first.text("operation"), first.text("input.GroupName")),
        (Some("ec2:CreateSecurityGroup"), Some("made"))
    );
    let elsewhere = json!({"groupName": "other", "vpcId": "vpc-0"});
    let event = rig.event("ec2", "CreateSecurityGroup", elsewhere, json!({"groupId": "sg-0"}));
    assert_eq!(rig.playbooks.handle(&event).await.unwrap(), [], "its VPC is not protected");
}

async fn acl(rig: &Rig, network: &Network) -> String {
    let made = rig.make(&ec2::CREATE_NETWORK_ACL, json!({"VpcId": network.vpc})).await;
    made.text("NetworkAcl.NetworkAclId").unwrap().to_owned()
}

fn entry(acl: &str, number: i64, action: &str) -> Value {
    json!({"NetworkAclId": acl, "RuleNumber": number, "Egress": false, "RuleAction": action, "Protocol": "6",
        "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 22, "To": 22}})
}

fn recorded_entry(acl: &str, number: i64, action: &str) -> Value {
    json!({"networkAclId": acl, "ruleNumber": number, "egress": false, "ruleAction": action, "aclProtocol": "6",
        "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}, "cidrBlock": "0.0.0.0/0"})
}

#[tokio::test]
async fn entries_of_network_acls() {
    let Some(rig) = Rig::new("300000000006", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let ok = || json!({"requestId": "r", "_return": true});
    let created = acl(&rig, &network).await;
    let looks = |acl: &str| [(&ec2::DESCRIBE_NETWORK_ACLS, json!({"NetworkAclIds": [acl]}))];
    let change = async |rig: &Rig| {
        rig.make(&ec2::CREATE_NETWORK_ACL_ENTRY, entry(&created, 90, "allow")).await;
        rig.event("ec2", "CreateNetworkAclEntry", recorded_entry(&created, 90, "allow"), ok())
    };
    rig.plays(&looks(&created), &[], change).await;

    let seen = [(&ec2::DESCRIBE_NETWORK_ACLS, String::new(), json!({}))];
    let replaced = acl(&rig, &network).await;
    rig.make(&ec2::CREATE_NETWORK_ACL_ENTRY, entry(&replaced, 90, "deny")).await;
    let change = async |rig: &Rig| {
        rig.make(&ec2::REPLACE_NETWORK_ACL_ENTRY, entry(&replaced, 90, "allow")).await;
        rig.event("ec2", "ReplaceNetworkAclEntry", recorded_entry(&replaced, 90, "allow"), ok())
    };
    rig.plays(&looks(&replaced), &seen, change).await;

    let deleted = acl(&rig, &network).await;
    let ipv6 = json!({"NetworkAclId": deleted, "RuleNumber": 80, "Egress": true, "RuleAction": "deny", "Protocol": "58",
        "Ipv6CidrBlock": "::/0", "IcmpTypeCode": {"Type": -1, "Code": -1}});
    rig.make(&ec2::CREATE_NETWORK_ACL_ENTRY, entry(&deleted, 90, "deny")).await;
    rig.make(&ec2::CREATE_NETWORK_ACL_ENTRY, ipv6).await;
    let change = async |rig: &Rig| {
        let named = json!({"NetworkAclId": deleted, "RuleNumber": 80, "Egress": true});
        rig.make(&ec2::DELETE_NETWORK_ACL_ENTRY, named).await;
        let named = json!({"networkAclId": deleted, "ruleNumber": 80, "egress": true});
        rig.event("ec2", "DeleteNetworkAclEntry", named, ok())
    };
    rig.plays(&looks(&deleted), &seen, change).await;
}

/// Events come minutes after the changes, and in any order.
#[tokio::test]
async fn changes_over_changes_are_all_put_back() {
    let Some(rig) = Rig::new("300000000008", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let ok = || json!({"requestId": "r", "_return": true});
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]] {
        let acl = acl(&rig, &network).await;
        rig.make(&ec2::CREATE_NETWORK_ACL_ENTRY, entry(&acl, 90, "deny")).await;
        let looks = [(&ec2::DESCRIBE_NETWORK_ACLS, json!({"NetworkAclIds": [acl]}))];
        let before = rig.look(&looks).await;
        rig.learn(&[(&ec2::DESCRIBE_NETWORK_ACLS, String::new(), json!({}))]).await;
        let mut events = Vec::new();
        for cidr in ["10.0.0.0/8", "0.0.0.0/1", "0.0.0.0/0"] {
            let (mut made, mut told) = (entry(&acl, 90, "allow"), recorded_entry(&acl, 90, "allow"));
            made["CidrBlock"] = json!(cidr);
            told["cidrBlock"] = json!(cidr);
            rig.make(&ec2::REPLACE_NETWORK_ACL_ENTRY, made).await;
            events.push(rig.event("ec2", "ReplaceNetworkAclEntry", told, ok()));
            rig.advance(30);
        }
        rig.advance(300);
        for index in order {
            rig.handle(&events[index]).await;
        }
        assert_eq!(rig.look(&looks).await, before, "{order:?}");
    }
}

#[tokio::test]
async fn a_subnet_gets_its_network_acl_back() {
    let Some(rig) = Rig::new("300000000007", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let evil = acl(&rig, &network).await;
    let of_subnet = json!({"Filters": [{"Name": "association.subnet-id", "Values": [network.subnet]}]});
    let looks = [(&ec2::DESCRIBE_NETWORK_ACLS, of_subnet.clone())];
    let seen = [(&ec2::DESCRIBE_NETWORK_ACLS, String::new(), json!({}))];
    let change = async |rig: &Rig| {
        let there = rig.make(&ec2::DESCRIBE_NETWORK_ACLS, of_subnet.clone()).await;
        let there = there.items("NetworkAcls")[0].items("Associations").iter();
        let mut there = there.filter(|item| item.text("SubnetId") == Some(&network.subnet));
        let id = there.next().unwrap().text("NetworkAclAssociationId").unwrap();
        let input = json!({"AssociationId": id, "NetworkAclId": evil});
        let made = rig.make(&ec2::REPLACE_NETWORK_ACL_ASSOCIATION, input).await;
        let request = json!({"associationId": id, "networkAclId": evil});
        let response = json!({"requestId": "r", "newAssociationId": made["NewAssociationId"]});
        rig.event("ec2", "ReplaceNetworkAclAssociation", request, response)
    };
    rig.plays(&looks, &seen, change).await;
}
