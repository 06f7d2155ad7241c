-- UNNEST in all its forms.

### a column per field
SELECT eventname, arn, type FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t(arn, account, type) ORDER BY eventtime, arn
----
eventname | arn | type
GetObject | arn:aws:s3:::finance-reports | AWS::S3::Bucket
GetObject | arn:aws:s3:::finance-reports/2024/q1.xlsx | AWS::S3::Object
GetObject | arn:aws:s3:::finance-reports | AWS::S3::Bucket
Decrypt | arn:aws:kms:us-east-1:111122223333:key/k1 | AWS::KMS::Key
Invoke | arn:aws:lambda:us-east-1:111122223333:function:exfil | AWS::Lambda::Function

### with ordinality
SELECT x, n FROM UNNEST(ARRAY['a','b','c']) WITH ORDINALITY AS t(x, n)
----
x | n
a | 1
b | 2
c | 3

### left join keeps rows without
SELECT eventname, r.arn FROM cloudtrail_logs LEFT JOIN UNNEST(resources) AS t(r) ON TRUE WHERE eventtime >= '2024-03-04' ORDER BY eventtime, r.arn
----
eventname | arn
GetObject | arn:aws:s3:::finance-reports
GetObject | arn:aws:s3:::finance-reports/2024/q1.xlsx
GetObject | arn:aws:s3:::finance-reports
Decrypt | arn:aws:kms:us-east-1:111122223333:key/k1
ConsoleLogin | null
CreateAccessKey | null
Invoke | arn:aws:lambda:us-east-1:111122223333:function:exfil

### comma
SELECT count(*) FROM cloudtrail_logs c, UNNEST(c.resources) AS t(r) WHERE r.type = 'AWS::S3::Bucket'
----
count(*)
2

### side by side
SELECT a, b FROM UNNEST(ARRAY[1,2,3], ARRAY['x','y']) AS t(a, b)
----
a | b
1 | x
2 | y
3 | null

### a map
SELECT k, v FROM UNNEST(MAP(ARRAY['a','b'], ARRAY[1,2])) AS t(k, v) ORDER BY k
----
k | v
a | 1
b | 2

### one after another
SELECT a, b FROM (SELECT ARRAY[ARRAY[1,2],ARRAY[3]] AS nested) CROSS JOIN UNNEST(nested) AS t(inner_) CROSS JOIN UNNEST(inner_) AS u(b) CROSS JOIN UNNEST(ARRAY['z']) AS v(a)
----
a | b
z | 1
z | 2
z | 3

### joined afterwards
SELECT c.eventname, s.httpstatus FROM cloudtrail_logs c CROSS JOIN UNNEST(resources) AS t(r) JOIN s3_access_logs s ON s.requester = c.useridentity.arn WHERE r.type = 'AWS::S3::Object'
----
eventname | httpstatus
GetObject | 200

### fields keep their own names
SELECT u.arn FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS u WHERE u.type = 'AWS::KMS::Key'
----
arn
arn:aws:kms:us-east-1:111122223333:key/k1

### split text
SELECT part FROM (SELECT 'a:b' AS t) CROSS JOIN UNNEST(split(t, ':')) AS x(part)
----
part
a
b

### wrong number of names
SELECT 1 FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t(a, b)
----
invalid: UNNEST gives 3 column(s) here, but its alias names 2

### not an array
SELECT 1 FROM cloudtrail_logs CROSS JOIN UNNEST(requestparameters) AS t(a)
----
invalid: UNNEST takes arrays and maps, not varchar; cast JSON text first: CAST(json_extract(x, '$.path') AS ARRAY(JSON))

### aggregated again
SELECT r.type, count(*) AS n, array_agg(DISTINCT eventname) AS names FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t(r) GROUP BY r.type ORDER BY n DESC, r.type
----
type | n | names
AWS::S3::Bucket | 2 | ["GetObject"]
AWS::KMS::Key | 1 | ["Decrypt"]
AWS::Lambda::Function | 1 | ["Invoke"]
AWS::S3::Object | 1 | ["GetObject"]

### in a correlated subquery
SELECT eventname FROM cloudtrail_logs c WHERE EXISTS (SELECT 1 FROM UNNEST(c.resources) AS t(r) WHERE r.type = 'AWS::S3::Bucket')
----
invalid: the subquery refers to 'resources' of the query around it in a way that is not supported; use a JOIN, CROSS JOIN UNNEST, or any_match(array, x -> …)
