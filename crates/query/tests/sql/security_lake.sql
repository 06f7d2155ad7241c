-- The shapes of Security Lake's published queries, source version 2 (OCSF 1.1.0).

### unauthorised attempts
SELECT time_dt, api.service.name, api.operation, api.response.error, api.response.message, cloud.region, actor.user.uid, src_endpoint.ip, http_request.user_agent
FROM "amazon_security_lake_glue_db_eu_west_1"."amazon_security_lake_table_eu_west_1_cloud_trail_mgmt_2_0"
WHERE time_dt BETWEEN TIMESTAMP '2024-03-01 00:00:00' AND TIMESTAMP '2024-03-08 00:00:00'
  AND api.response.error IN ('Client.UnauthorizedOperation', 'AccessDenied')
ORDER BY time DESC
LIMIT 25
----
time_dt | name | operation | error | message | region | uid | ip | user_agent
2024-03-03T12:01:00Z | ec2.amazonaws.com | RunInstances | Client.UnauthorizedOperation | You are not authorized | eu-west-1 | arn:aws:sts::111122223333:assumed-role/Admin/mallory | 192.0.2.44 | aws-cli/2.15.0

### everything from one address
SELECT api.operation, actor.user.uid, actor.user.type
FROM "amazon_security_lake_glue_db_us_east_1"."amazon_security_lake_table_us_east_1_cloud_trail_mgmt_2_0"
WHERE src_endpoint.ip = '203.0.113.200' ORDER BY time
----
operation | uid | type
ConsoleLogin | arn:aws:iam::111122223333:root | Root
CreateAccessKey | arn:aws:iam::111122223333:root | Root

### all IAM activity
SELECT time, activity_name, class_uid, type_uid, type_name, status
FROM amazon_security_lake_table_us_east_1_cloud_trail_mgmt_2_0
WHERE api.service.name = 'iam.amazonaws.com' AND eventday >= '20240301'
----
time | activity_name | class_uid | type_uid | type_name | status
1709607600000 | Create | 6003 | 600301 | API Activity: Create | Success

### where a credential was used
SELECT actor.user.uid, actor.user.uid_alt, actor.user.account.uid AS account, accountid, region
FROM amazon_security_lake_table_eu_west_1_cloud_trail_mgmt_2_0
WHERE actor.user.credential_uid = 'ASIAROLE00000000002' LIMIT 1
----
uid | uid_alt | account | accountid | region
arn:aws:sts::111122223333:assumed-role/Admin/mallory | AROAADMIN:mallory | 111122223333 | 111122223333 | eu-west-1

### sessions without MFA
SELECT DISTINCT actor.session.issuer, actor.session.is_mfa, actor.session.created_time_dt
FROM cloud_trail_mgmt_2_0 WHERE actor.session.is_mfa = false
----
issuer | is_mfa | created_time_dt
arn:aws:iam::111122223333:role/Admin | false | 2024-03-01T08:00:00Z

### a class per kind of event
SELECT class_name, class_uid, category_uid, activity_name, count(*) AS n FROM cloud_trail_mgmt_2_0 GROUP BY 1, 2, 3, 4 ORDER BY n DESC, activity_name, class_uid
----
class_name | class_uid | category_uid | activity_name | n
API Activity | 6003 | 6 | Create | 3
Authentication | 3002 | 3 | Logon | 3
API Activity | 6003 | 6 | Read | 2
API Activity | 6003 | 6 | Update | 2
API Activity | 6003 | 6 | Delete | 1

### S3 data events and their resources
SELECT api.operation, r.uid, r.type, r.owner.account.uid AS owner
FROM amazon_security_lake_table_us_east_1_s3_data_2_0 CROSS JOIN UNNEST(resources) AS t(r)
WHERE r.uid LIKE 'arn:aws:s3:::finance-reports%' ORDER BY time, r.uid
----
operation | uid | type | owner
GetObject | arn:aws:s3:::finance-reports | AWS::S3::Bucket | 444455556666
GetObject | arn:aws:s3:::finance-reports/2024/q1.xlsx | AWS::S3::Object | null
GetObject | arn:aws:s3:::finance-reports | AWS::S3::Bucket | 444455556666

### Lambda data events
SELECT api.operation, json_extract_scalar(api.request.data, '$.functionName') AS f FROM amazon_security_lake_table_us_east_1_lambda_execution_2_0
----
operation | f
Invoke | exfil

### unmapped fields
SELECT unmapped['eventType'], unmapped['readOnly'], element_at(unmapped, 'tlsDetails.tlsVersion') AS tls, unmapped['nothing'] AS nothing
FROM cloud_trail_mgmt_2_0 WHERE api.operation = 'StopLogging'
----
unmapped['eventType'] | unmapped['readOnly'] | tls | nothing
AwsApiCall | false | TLSv1.3 | null

### metadata
SELECT metadata.product.name, metadata.product.vendor_name, metadata.product.feature.name, metadata.version, metadata.uid, contains(metadata.profiles, 'cloud') AS cloud
FROM cloud_trail_mgmt_2_0 WHERE api.operation = 'DeleteTrail'
----
name | vendor_name | name_2 | version | uid | cloud
CloudTrail | AWS | Management | 1.1.0 | 00000000-0000-4000-8000-000000000006 | true

### services as source
SELECT src_endpoint.ip, src_endpoint.domain, actor.invoked_by FROM cloud_trail_mgmt_2_0 WHERE src_endpoint.domain IS NOT NULL
----
ip | domain | invoked_by
cloudtrail.amazonaws.com | cloudtrail.amazonaws.com | cloudtrail.amazonaws.com

### Regions do not overlap
SELECT sum(n) = (SELECT count(*) FROM cloud_trail_mgmt_2_0) AS whole FROM (
  SELECT count(*) AS n FROM amazon_security_lake_table_us_east_1_cloud_trail_mgmt_2_0
  UNION ALL SELECT count(*) FROM amazon_security_lake_table_eu_west_1_cloud_trail_mgmt_2_0)
----
whole
true
