-- Text, regular expressions, URLs, arrays, aggregates.

### text
SELECT 'a' || 'b' AS a, concat('a', 'b', 'c') AS b, concat('a', NULL) AS c, substr('hello', 2, 3) AS d, substr('hello', -3) AS e, substring('hello' FROM 2 FOR 2) AS f, split_part('a/b/c', '/', 3) AS g, split_part('a', '/', 2) AS h, split('a,b', ',') AS i, strpos('hello', 'l') AS j, lower('ABC') AS k, trim('  x ') AS l, lpad('7', 3, '0') AS m, replace('aba', 'a') AS n, length('żółw') AS o, reverse('abc') AS p, starts_with('abc', 'ab') AS q
----
a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q
ab | abc | null | ell | llo | el | c | null | ["a","b"] | 3 | abc | x | 007 | b | 4 | cba | true

### regular expressions
SELECT regexp_like('aws-cli/2.1', '^aws-cli') AS a, regexp_extract('user/alice', '([a-z]+)/(\w+)', 2) AS b, regexp_extract('x', 'y') AS c, regexp_extract_all('a1b22', '\d+') AS d, regexp_replace('a1b2', '(\d)', '<$1>') AS e, regexp_split('a, b;c', '[,;]\s*') AS f, regexp_count('banana', 'a') AS g
----
a | b | c | d | e | f | g
true | alice | null | ["1","22"] | a<1>b<2> | ["a","b","c"] | 3

### look-around is refused
SELECT regexp_like(eventname, '(?<!Get)Object') FROM cloudtrail_logs
----
invalid: regular expression '(?<!Get)Object': '(?<!' is not supported (no look-around)

### URLs
SELECT url_extract_host(u) AS host, url_extract_port(u) AS port, url_extract_path(u) AS path, url_extract_protocol(u) AS proto, url_extract_query(u) AS q, url_extract_fragment(u) AS f, url_extract_parameter(u, 'state') AS p, url_decode('a%20b+c') AS d, url_encode('a b&c') AS e FROM (SELECT 'https://example.com:8443/a/b?state=x%20y#top' AS u)
----
host | port | path | proto | q | f | p | d | e
example.com | 8443 | /a/b | https | state=x%20y | top | x y | a b c | a+b%26c

### digests and encodings
SELECT to_hex(md5(to_utf8('x'))) AS m, to_base64(to_utf8('hi')) AS b, from_utf8(from_base64('aGk=')) AS t, to_hex(sha256(to_utf8(''))) AS s
----
m | b | t | s
9DD4E461268C8034F5C8564E155C67A6 | aGk= | hi | E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855

### arrays
SELECT cardinality(a) AS n, element_at(a, 1) AS x, element_at(a, -1) AS z, element_at(a, 9) AS none, a[2] AS y, contains(a, 'q') AS q, array_join(a, '-') AS j, array_distinct(a || ARRAY['p']) AS d, array_position(a, 'r') AS pos, slice(a, 2, 2) AS s, array_sort(ARRAY[3,1,2]) AS o, array_max(ARRAY[3,1]) AS m, sequence(1, 3) AS seq FROM (SELECT ARRAY['p','q','r'] AS a)
----
n | x | z | none | y | q | j | d | pos | s | o | m | seq
3 | p | r | null | q | true | p-q-r | ["p","q","r"] | 3 | ["q","r"] | [1,2,3] | 3 | [1,2,3]

### lambdas
SELECT filter(ARRAY[1,2,3,4], x -> x % 2 = 0) AS even, transform(ARRAY[1,2], x -> x * 10) AS tens, any_match(ARRAY[1,2], x -> x > 1) AS some, all_match(ARRAY[1,2], x -> x > 1) AS every, none_match(ARRAY[1,2], x -> x > 2) AS none
----
even | tens | some | every | none
[2,4] | [10,20] | true | false | true

### lambdas over rows
SELECT eventname, transform(resources, r -> r.type) AS types FROM cloudtrail_logs WHERE any_match(resources, r -> r.arn LIKE '%q1.xlsx')
----
eventname | types
GetObject | ["AWS::S3::Object","AWS::S3::Bucket"]

### maps
SELECT m['a'] AS a, element_at(m, 'z') AS z, cardinality(m) AS n, map_keys(m) AS k FROM (SELECT MAP(ARRAY['a','b'], ARRAY[1,2]) AS m)
----
a | z | n | k
1 | null | 2 | ["a","b"]

### aggregates
SELECT approx_distinct(sourceipaddress) AS ips, count_if(errorcode IS NOT NULL) AS failed, bool_or(errorcode = 'AccessDenied') AS denied, max_by(eventname, eventtime) AS last, min_by(eventname, eventtime) AS first, approx_percentile(length(eventname), 0.5) AS median, arbitrary(eventversion) AS v, count(DISTINCT useridentity.arn) AS arns FROM cloudtrail_logs
----
ips | failed | denied | last | first | median | v | arns
7 | 3 | true | Invoke | ConsoleLogin | 12.0 | 1.09 | 7

### array_agg in order
SELECT awsregion, array_agg(DISTINCT eventsource ORDER BY eventsource) AS services, listagg(eventname, ',') WITHIN GROUP (ORDER BY eventtime) AS names FROM cloudtrail_logs WHERE eventtime < '2024-03-04' GROUP BY awsregion ORDER BY 1
----
awsregion | services | names
eu-west-1 | ["ec2.amazonaws.com"] | RunInstances,RunInstances
us-east-1 | ["cloudtrail.amazonaws.com","ec2.amazonaws.com","signin.amazonaws.com"] | ConsoleLogin,ConsoleLogin,DescribeInstances,AuthorizeSecurityGroupIngress,StopLogging,DeleteTrail

### histogram and map_agg
SELECT histogram(awsregion) AS h, map_agg(useridentity.username, useridentity.accesskeyid) AS keys FROM cloudtrail_logs
----
h | keys
{"eu-west-1":2,"us-east-1":12} | {"alice":"AKIAALICE0000000001","backdoor":"AKIABACKDOOR0000001","bob":"AKIABOB000000000001","carol":"AKIACAROL0000000001"}

### conditionals
SELECT if(1 > 2, 'a', 'b') AS a, if(1 > 2, 'a') AS b, coalesce(NULL, 'x') AS c, nullif('a', 'a') AS d, try(CAST('x' AS BIGINT)) AS e, try_cast('12' AS BIGINT) AS f, try(1 / 0) AS g, typeof(1.5) AS h, typeof(ARRAY['a']) AS i, greatest(1, 3) AS j
----
a | b | c | d | e | f | g | h | i | j
b | null | x | null | null | 12 | null | double | array(varchar) | 3

### a cast that fails
SELECT CAST(eventname AS BIGINT) FROM cloudtrail_logs WHERE eventtime < '2024-03-01T10'
----
execution: Cannot cast string 'ConsoleLogin' to value of Int64 type

### arithmetic
SELECT 7 / 2 AS a, 7 % 2 AS b, mod(7, 2) AS c, round(2.345, 2) AS d, ceiling(1.2) AS e, floor(-1.2) AS f, abs(-3) AS g, power(2, 10) AS h, bitwise_and(6, 3) AS i
----
a | b | c | d | e | f | g | h | i
3 | 1 | 1 | 2.35 | 2.0 | -2.0 | 3 | 1024.0 | 2
