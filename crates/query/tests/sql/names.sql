-- Names, clauses and comments.

### case does not matter, and aliases keep theirs
SELECT EVENTNAME AS "Event Name", UserIdentity.UserName AS userName FROM CloudTrail_Logs WHERE "eventName" = 'StopLogging' ORDER BY "Event Name"
----
Event Name | userName
StopLogging | alice

### expressions are columns named as written
SELECT count(*), COUNT(DISTINCT awsregion) FROM cloudtrail_logs
----
count(*) | COUNT(DISTINCT awsregion)
14 | 2

### repeated names
SELECT eventname, eventname, useridentity.type, resources[1].type FROM cloudtrail_logs WHERE eventname = 'Invoke'
----
eventname | eventname_2 | type | resources[1].type
Invoke | Invoke | IAMUser | AWS::Lambda::Function

### comments and semicolons
-- first
SELECT /* in /* nested */ between */ 1 AS one; -- last
----
one
1

### limit, offset, fetch
SELECT eventname FROM cloudtrail_logs ORDER BY eventtime OFFSET 2 LIMIT 2
----
eventname
DescribeInstances
AuthorizeSecurityGroupIngress

### fetch first
SELECT eventname FROM cloudtrail_logs ORDER BY eventtime FETCH FIRST 2 ROWS ONLY
----
eventname
ConsoleLogin
ConsoleLogin

### NULL sorts last both ways
SELECT x FROM (VALUES (1), (NULL), (2)) AS t(x) ORDER BY x DESC
----
x
2
1
null

### LIKE with an escape
SELECT 'a_b' LIKE 'a!_b' ESCAPE '!' AS a, 'axb' LIKE 'a!_b' ESCAPE '!' AS b, 'a\b' LIKE 'a\b' AS c
----
a | b | c
true | false | true

### sets
SELECT eventname FROM cloudtrail_logs WHERE readonly = 'true' EXCEPT SELECT 'Decrypt' ORDER BY 1
----
eventname
DescribeInstances
GetObject

### subqueries
SELECT eventname FROM cloudtrail_logs WHERE sourceipaddress IN (SELECT sourceipaddress FROM cloudtrail_logs WHERE eventname = 'CreateAccessKey') AND EXISTS (SELECT 1 FROM s3_access_logs) ORDER BY eventtime
----
eventname
ConsoleLogin
CreateAccessKey

### grouping sets
SELECT awsregion, readonly, count(*) AS n FROM cloudtrail_logs GROUP BY GROUPING SETS ((awsregion), (readonly), ()) ORDER BY n DESC, awsregion, readonly
----
awsregion | readonly | n
null | null | 14
us-east-1 | null | 12
null | false | 10
null | true | 4
eu-west-1 | null | 2

### show tables
SHOW TABLES LIKE '%logs'
----
tab_name | kind
cloudtrail_logs | table
s3_access_logs | table
vpc_flow_logs | table

### describe
DESCRIBE vpc_flow_logs
----
col_name | data_type
version | integer
interface_id | varchar
srcaddr | varchar
dstaddr | varchar
srcport | integer
dstport | integer
protocol | bigint
packets | bigint
bytes | bigint
start | bigint
end | bigint
action | varchar
log_status | varchar
vpc_id | varchar
subnet_id | varchar
instance_id | varchar
tcp_flags | integer
type | varchar
pkt_srcaddr | varchar
pkt_dstaddr | varchar
az_id | varchar
sublocation_type | varchar
sublocation_id | varchar
pkt_src_aws_service | varchar
pkt_dst_aws_service | varchar
flow_direction | varchar
traffic_path | integer
ecs_cluster_arn | varchar
ecs_cluster_name | varchar
ecs_container_instance_arn | varchar
ecs_container_instance_id | varchar
ecs_container_id | varchar
ecs_second_container_id | varchar
ecs_service_name | varchar
ecs_task_definition_arn | varchar
ecs_task_arn | varchar
ecs_task_id | varchar
reject_reason | varchar
resource_id | varchar
encryption_status | varchar
event_time | timestamp(6) with time zone
event_date | date
account_id | varchar
region | varchar
event_uid | varchar
source_uri | varchar
ingest_time | timestamp(6) with time zone
raw | varchar

### show functions
SHOW FUNCTIONS LIKE 'json_%'
----
function
json_array_contains
json_array_get
json_array_length
json_extract
json_extract_scalar
json_format
json_parse
json_size
json_to_varchar

### partition columns appear when they are named
SELECT "timestamp", account, region, year, month, day FROM cloudtrail_logs WHERE day = '03' ORDER BY eventtime LIMIT 1
----
timestamp | account | region | year | month | day
2024/03/03 | 111122223333 | us-east-1 | 2024 | 03 | 03

### star has the table's own columns
SELECT * FROM (SELECT * FROM vpc_flow_logs WHERE dstport = 3389) AS x CROSS JOIN (SELECT 1 AS one) AS y LIMIT 0
----
version | interface_id | srcaddr | dstaddr | srcport | dstport | protocol | packets | bytes | start | end | action | log_status | vpc_id | subnet_id | instance_id | tcp_flags | type | pkt_srcaddr | pkt_dstaddr | az_id | sublocation_type | sublocation_id | pkt_src_aws_service | pkt_dst_aws_service | flow_direction | traffic_path | ecs_cluster_arn | ecs_cluster_name | ecs_container_instance_arn | ecs_container_instance_id | ecs_container_id | ecs_second_container_id | ecs_service_name | ecs_task_definition_arn | ecs_task_arn | ecs_task_id | reject_reason | resource_id | encryption_status | event_time | event_date | account_id | region | event_uid | source_uri | ingest_time | raw | one

### the events view
SELECT table_name, action, actor, source_address, outcome FROM events WHERE event_date = DATE '2024-03-04' ORDER BY event_time, table_name, action
----
table_name | action | actor | source_address | outcome
cloudtrail_logs | GetObject | arn:aws:iam::444455556666:user/carol | 198.51.100.99 | Success
s3_access_logs | REST.GET.OBJECT | arn:aws:iam::444455556666:user/carol | 198.51.100.99 | Success
cloudtrail_logs | GetObject | arn:aws:iam::444455556666:user/carol | 198.51.100.99 | NoSuchKey
s3_access_logs | REST.GET.OBJECT | null | 198.51.100.99 | NoSuchKey
cloudtrail_logs | Decrypt | cloudtrail.amazonaws.com | cloudtrail.amazonaws.com | Success
cloudtrail_logs | ConsoleLogin | arn:aws:iam::111122223333:root | 203.0.113.200 | Success

### explain
EXPLAIN SELECT 1 AS one
----
plan_type | plan
logical_plan | Projection: Int64(1) AS one\n  EmptyRelation: rows=1
physical_plan | ProjectionExec: expr=[1 as one]\n  PlaceholderRowExec\n

### a column with the name of a keyword
SELECT user FROM api_gateway_access_logs
----
user

### other names of the same table
SELECT eventname, "timestamp" FROM cloudtrail_logs_pp WHERE "timestamp" >= '2024/03/05' ORDER BY eventtime
----
eventname | timestamp
CreateAccessKey | 2024/03/05
Invoke | 2024/03/05
