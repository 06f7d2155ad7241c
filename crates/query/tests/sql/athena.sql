-- The shapes of the queries that AWS's pages show for CloudTrail in Athena.

### root activity with JSON members
SELECT eventTime, eventName, sourceIPAddress,
  json_extract_scalar(additionalEventData, '$.MFAUsed') AS mfaUsed
FROM cloudtrail_logs
WHERE userIdentity.type = 'Root'
ORDER BY eventTime;
----
eventtime | eventname | sourceipaddress | mfaUsed
2024-03-04T08:00:00Z | ConsoleLogin | 203.0.113.200 | No
2024-03-05T03:00:00Z | CreateAccessKey | 203.0.113.200 | null

### anonymous and failed sign-ins, nested quoted names
SELECT useridentity."userName" user_name, COUNT(*) AS Attempts
FROM "default"."cloudtrail_logs"
WHERE eventname = 'ConsoleLogin' AND json_extract_scalar(responseelements, '$.ConsoleLogin') = 'Failure'
GROUP BY useridentity.username
ORDER BY Attempts DESC
----
user_name | Attempts
bob | 1

### calls per user and service within a time range
SELECT useridentity.arn, eventsource, eventname, count(*) AS n
FROM awsdatacatalog.default.cloudtrail_logs
WHERE eventtime >= '2024-03-03T00:00:00Z' AND eventtime < '2024-03-05T00:00:00Z'
GROUP BY useridentity.arn, eventsource, eventname
ORDER BY n DESC, eventname, useridentity.arn
LIMIT 5;
----
arn | eventsource | eventname | n
arn:aws:iam::444455556666:user/carol | s3.amazonaws.com | GetObject | 2
arn:aws:sts::111122223333:assumed-role/Admin/mallory | ec2.amazonaws.com | RunInstances | 2
arn:aws:iam::111122223333:root | signin.amazonaws.com | ConsoleLogin | 1
null | kms.amazonaws.com | Decrypt | 1
arn:aws:iam::111122223333:user/alice | cloudtrail.amazonaws.com | DeleteTrail | 1

### what one access key did
SELECT eventname, awsregion, errorcode
FROM cloudtrail_logs
WHERE useridentity.accesskeyid LIKE 'ASIAROLE%2'
ORDER BY eventtime
----
eventname | awsregion | errorcode
RunInstances | eu-west-1 | null
RunInstances | eu-west-1 | Client.UnauthorizedOperation

### resources in an array of rows
SELECT eventname, resource.arn, resource.type
FROM cloudtrail_logs
CROSS JOIN UNNEST(resources) AS t(resource)
WHERE resource.type LIKE '%Bucket'
ORDER BY eventtime
----
eventname | arn | type
GetObject | arn:aws:s3:::finance-reports | AWS::S3::Bucket
GetObject | arn:aws:s3:::finance-reports | AWS::S3::Bucket

### items in JSON, unnested
SELECT eventid,
  json_extract_scalar(item, '$.fromPort') AS port,
  json_extract_scalar(item, '$.ipRanges.items[0].cidrIp') AS cidr
FROM cloudtrail_logs
CROSS JOIN UNNEST(CAST(json_extract(requestparameters, '$.ipPermissions.items') AS ARRAY(JSON))) AS x(item)
WHERE eventname = 'AuthorizeSecurityGroupIngress'
----
eventid | port | cidr
00000000-0000-4000-8000-000000000004 | 22 | 0.0.0.0/0
00000000-0000-4000-8000-000000000004 | 3389 | 10.0.0.0/8

### distinct users per service, a subquery and HAVING
SELECT service, count(DISTINCT who) AS users
FROM (SELECT replace(eventsource, '.amazonaws.com', '') AS service, useridentity.principalid AS who FROM cloudtrail_logs) s
GROUP BY service HAVING count(*) > 1
ORDER BY users DESC, service
----
service | users
signin | 3
ec2 | 2
cloudtrail | 1
s3 | 1

### TLS versions in use
SELECT tlsdetails.tlsversion, count(*) AS calls FROM cloudtrail_logs GROUP BY tlsdetails.tlsversion ORDER BY 2 DESC
----
tlsversion | calls
TLSv1.3 | 13
null | 1

### session issuer of a role, four names deep
SELECT DISTINCT useridentity.sessioncontext.sessionissuer.arn, "useridentity"."sessioncontext"."attributes"."mfaauthenticated"
FROM cloudtrail_logs
WHERE useridentity.sessioncontext.sessionissuer.username IS NOT NULL
----
arn | mfaauthenticated
arn:aws:iam::111122223333:role/Admin | false

### first and last use of each key
SELECT useridentity.accesskeyid AS key, min(eventtime) AS first_seen, max(eventtime) AS last_seen,
  date_diff('hour', from_iso8601_timestamp(min(eventtime)), from_iso8601_timestamp(max(eventtime))) AS hours
FROM cloudtrail_logs WHERE useridentity.accesskeyid <> '' GROUP BY 1 ORDER BY hours DESC, 1
----
key | first_seen | last_seen | hours
AKIAALICE0000000001 | 2024-03-01T09:00:00Z | 2024-03-03T00:00:30Z | 39
ASIAROLE00000000001 | 2024-03-01T10:00:00Z | 2024-03-02T23:59:59Z | 37
AKIABACKDOOR0000001 | 2024-03-05T03:10:00Z | 2024-03-05T03:10:00Z | 0
AKIABOB000000000001 | 2024-03-01T09:05:00Z | 2024-03-01T09:05:00Z | 0
AKIACAROL0000000001 | 2024-03-04T01:00:00Z | 2024-03-04T01:00:05Z | 0
ASIAROLE00000000002 | 2024-03-03T12:00:00Z | 2024-03-03T12:01:00Z | 0

### a WITH, joined with itself
WITH failures AS (
  SELECT useridentity.arn AS who, count(*) AS failed FROM cloudtrail_logs WHERE errorcode IS NOT NULL GROUP BY 1
), all_calls AS (
  SELECT useridentity.arn AS who, count(*) AS total FROM cloudtrail_logs GROUP BY 1
)
SELECT f.who, f.failed, a.total, round(100.0 * f.failed / a.total, 1) AS percent
FROM failures f JOIN all_calls a ON f.who = a.who
ORDER BY percent DESC, f.who
----
who | failed | total | percent
arn:aws:iam::444455556666:user/carol | 1 | 2 | 50.0
arn:aws:sts::111122223333:assumed-role/Admin/mallory | 1 | 2 | 50.0
arn:aws:iam::111122223333:user/alice | 1 | 3 | 33.3

### previous call of the same principal
SELECT eventname, lag(eventname) OVER (PARTITION BY useridentity.arn ORDER BY eventtime) AS before,
  row_number() OVER (PARTITION BY useridentity.arn ORDER BY eventtime) AS nth
FROM cloudtrail_logs WHERE useridentity.username = 'alice' ORDER BY eventtime
----
eventname | before | nth
ConsoleLogin | null | 1
StopLogging | ConsoleLogin | 2
DeleteTrail | StopLogging | 3

### CASE over user agents
SELECT CASE WHEN useragent LIKE 'Mozilla%' THEN 'console' WHEN regexp_like(useragent, '^aws-cli/') THEN 'cli' ELSE 'other' END AS client, count(*)
FROM cloudtrail_logs GROUP BY 1 ORDER BY 2 DESC, 1
----
client | count(*)
cli | 9
console | 3
other | 2

### VPC flow logs: rejected, and a quoted keyword column
SELECT srcaddr, dstport, "end" - "start" AS seconds FROM vpc_flow_logs WHERE action = 'REJECT' AND protocol = 6
----
srcaddr | dstport | seconds
198.51.100.23 | 3389 | 60

### VPC flow logs by day
SELECT day_of_week(date) AS day, sourceaddress, count(*) AS packets
FROM (SELECT "date", srcaddr AS sourceaddress FROM vpc_flow_logs WHERE srcaddr IS NOT NULL) GROUP BY 1, 2 ORDER BY 1, 2
----
day | sourceaddress | packets
6 | 10.0.0.5 | 1
6 | 203.0.113.7 | 1
7 | 198.51.100.23 | 1

### S3 access logs: status is text there
SELECT "key", httpstatus, requester FROM s3_access_logs WHERE httpstatus >= 400
----
key | httpstatus | requester
2024/q2.xlsx | 404 | null

### S3 access logs: request time parsed
SELECT parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z') AS at, bucket_name FROM s3_access_logs ORDER BY at
----
at | bucket_name
2024-03-04T01:00:00Z | finance-reports
2024-03-04T01:00:05Z | finance-reports
