-- What is not answered, and what it says.

### insert
INSERT INTO cloudtrail_logs VALUES (1)
----
read_only: INSERT is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### create
CREATE TABLE x AS SELECT 1
----
read_only: CREATE TABLE is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### drop
DROP TABLE cloudtrail_logs
----
read_only: DROP TABLE is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### copy
COPY cloudtrail_logs TO '/tmp/x'
----
read_only: COPY is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### set
SET datafusion.execution.batch_size = 1
----
read_only: SET is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### delete in a CTE
WITH x AS (DELETE FROM cloudtrail_logs) SELECT 1
----
read_only: INSERT, UPDATE, DELETE or MERGE is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### select into
SELECT * INTO x FROM cloudtrail_logs
----
read_only: SELECT INTO is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### files
SELECT * FROM '/etc/passwd'
----
unknown_table: table '/etc/passwd' is not known

### files by name
SELECT * FROM "file:///etc/passwd"
----
unknown_table: table 'file:///etc/passwd' is not known at line 1, column 15

### table functions
SELECT * FROM read_csv('/etc/passwd')
----
read_only: the table function 'read_csv' is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### generated series
SELECT * FROM generate_series(1, 1000000000)
----
read_only: the table function 'generate_series' is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN

### long values
SELECT lpad('x', 1000000000, 'y')
----
invalid: lpad makes texts of up to 1048576 characters

### long sequences
SELECT sequence(1, 1000000000)
----
invalid: a sequence has at most 10000 values

### two statements
SELECT 1; SELECT 2
----
invalid: one statement at a time

### nothing
;
----
invalid: the query is empty

### syntax
SELECT eventname FROM
WHERE x
----
syntax: syntax error at line 2, column 1: expected a table, found WHERE

### an unclosed text
SELECT 'abc
----
syntax: syntax error at line 1, column 8: Unterminated string literal

### unknown table
SELECT * FROM cloudtrial_logs
----
unknown_table: table 'cloudtrial_logs' is not known at line 1, column 15; did you mean 'cloudtrail_logs', 'cloud_trail_mgmt_2_0' or 'cloudfront_standard_logs'?

### unknown column
SELECT eventnme
FROM cloudtrail_logs
----
unknown_column: column 'eventnme' is not known at line 1, column 8; did you mean 'eventname', 'eventtime' or 'event_time'?

### unknown column behind an alias
SELECT c.evenTime2 FROM cloudtrail_logs c
----
unknown_column: column 'c.eventime2' is not known at line 1, column 10; did you mean 'eventtime', 'event_time' or 'eventname'?

### unknown field
SELECT useridentity.sessioncontext.sesionissuer.arn FROM cloudtrail_logs
----
unknown_column: column 'sesionissuer' is not known at line 1, column 36; did you mean 'sessionissuer'?

### unknown function
SELECT json_extrct(requestparameters, '$.a') FROM cloudtrail_logs
----
unknown_function: function 'json_extrct' is not known at line 1, column 8; did you mean 'json_extract', 'json_extract_scalar' or 'json_to_varchar'?

### wrong number of arguments
SELECT json_extract(requestparameters) FROM cloudtrail_logs
----
invalid: json_extract takes 2 argument(s), but 1 were given

### not grouped
SELECT eventname, count(*) FROM cloudtrail_logs
----
invalid: column 'eventname' must appear in GROUP BY or inside of an aggregate function

### nested too deep
SELECT ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
----
syntax: syntax error: the query is nested too deep
