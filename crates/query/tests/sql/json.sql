-- JSON functions.

### extract
SELECT json_extract('{"a":[1,{"b":"x"}]}', '$.a[1]') AS o, json_extract_scalar('{"a":[1,{"b":"x"}]}', '$.a[1].b') AS s, json_extract_scalar('{"a":[1]}', '$.a') AS none, json_extract_scalar('{"a.b":true}', '$["a.b"]') AS t
----
o | s | none | t
{\"b\":\"x\"} | x | null | true

### not JSON
SELECT json_extract('oops', '$.a') AS a, json_parse('{"a": 1 , "b":null}') AS b, json_parse('{') AS c
----
a | b | c
null | {\"a\":1,\"b\":null} | null

### sizes and members
SELECT json_array_length('[1,2,3]') AS n, json_size('{"a":{"x":1,"y":2}}', '$.a') AS m, json_array_contains('[2,"3"]', 2) AS number, json_array_contains('[1,"2",true]', '2') AS text, json_array_get('["a","b"]', -1) AS last
----
n | m | number | text | last
3 | 2 | true | true | \"b\"

### casts out of JSON
SELECT CAST(json_extract('{"a":"x"}', '$.a') AS VARCHAR) AS plain, CAST(json_extract('{"a":"5"}', '$.a') AS BIGINT) + 1 AS six, json_extract('{"a":"x"}', '$.a') = 'x' AS same, json_format(json_extract('{"a":"x"}', '$.a')) AS text
----
plain | six | same | text
x | 6 | true | \"x\"

### casts to nested types
SELECT CAST(json_parse('[{"n":"a","p":[1,2]},{"n":"b","p":null}]') AS ARRAY(ROW(n VARCHAR, p ARRAY(BIGINT)))) AS rows_, CAST('{"k":"v","n":1}' AS MAP(VARCHAR, VARCHAR)) AS m, CAST(ROW(1, 'x') AS JSON) AS j
----
rows_ | m | j
[{"n":"a","p":[1,2]},{"n":"b","p":null}] | {"k":"v","n":"1"} | {\"c0\":1,\"c1\":\"x\"}

### map access
SELECT CAST(requestparameters AS MAP(VARCHAR, JSON))['name'] AS raw, CAST(element_at(CAST(requestparameters AS MAP(VARCHAR, JSON)), 'name') AS VARCHAR) AS name FROM cloudtrail_logs WHERE eventname = 'StopLogging'
----
raw | name
\"arn:aws:cloudtrail:us-east-1:111122223333:trail/main\" | arn:aws:cloudtrail:us-east-1:111122223333:trail/main

### unnested JSON keeps being JSON
SELECT CAST(item AS VARCHAR) AS v, item FROM UNNEST(CAST('["a",1,null,{"x":2}]' AS ARRAY(JSON))) AS t(item)
----
v | item
a | \"a\"
1 | 1
null | null
{\"x\":2} | {\"x\":2}

### a wrong path
SELECT json_extract(requestparameters, '$..name') FROM cloudtrail_logs
----
invalid: JSON path '$..name': a name is missing at byte 2
