-- Text columns compared with what they mean.

### text with numbers
SELECT count(*) FROM cloudtrail_logs WHERE useridentity.accountid = 111122223333
----
count(*)
11

### text with numbers in a list
SELECT count(*) FROM cloudtrail_logs WHERE recipientaccountid IN (111122223333, 444455556666)
----
count(*)
14

### numbers with text
SELECT count(*) FROM vpc_flow_logs WHERE dstport = '3389'
----
count(*)
1

### text with booleans
SELECT count(*) FROM cloudtrail_logs WHERE readonly = true
----
count(*)
4

### text with instants
SELECT count(*) FROM cloudtrail_logs WHERE eventtime > timestamp '2024-03-05 00:00:00' AND eventtime < DATE '2024-03-06'
----
count(*)
2

### between on text that is a number
SELECT httpstatus FROM s3_access_logs WHERE httpstatus BETWEEN 400 AND 499
----
httpstatus
404
