-- Queries that count back from now; the logs of this file are of the last days.

### seven days of Security Lake
SELECT api.operation, status FROM "amazon_security_lake_glue_db_us_east_1"."amazon_security_lake_table_us_east_1_cloud_trail_mgmt_2_0"
WHERE time_dt BETWEEN CURRENT_TIMESTAMP - INTERVAL '7' DAY AND CURRENT_TIMESTAMP AND status = 'Failure' ORDER BY time
----
operation | status
DeleteTrail | Failure

### from_iso8601_timestamp and date_add
SELECT count(*) > 0 AS some FROM cloudtrail_logs WHERE from_iso8601_timestamp(eventtime) > date_add('day', -7, now())
----
some
true

### text compared with a moment
SELECT count(*) FROM cloudtrail_logs WHERE eventtime >= to_iso8601(current_timestamp - interval '30' day)
----
count(*)
14

### a partition column compared with formatted time
SELECT count(*) FROM cloudtrail_logs WHERE "timestamp" >= date_format(current_timestamp - interval '30' day, '%Y/%m/%d')
----
count(*)
14

### nothing is older than a year
SELECT count(*) FROM cloudtrail_logs WHERE event_time < now() - INTERVAL '1' YEAR
----
count(*)
0

### day of now
SELECT date_diff('day', current_date, CAST(now() AS DATE)) AS d, typeof(current_date), typeof(now())
----
d | typeof(current_date) | typeof(now())
0 | date | timestamp(9) with time zone
