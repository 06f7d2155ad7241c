-- Dates and times.

### reading
SELECT from_iso8601_timestamp('2024-01-02T03:04:05Z') AS a, from_iso8601_timestamp('2024-01-02T03:04:05+02:00') AS b, from_iso8601_date('2024-01-02') AS c, date_parse('2024-01-02 03:04', '%Y-%m-%d %H:%i') AS d, parse_datetime('02/Jan/2024', 'dd/MMM/yyyy') AS e, from_unixtime(1704164645) AS f, date('2024-01-02T09:00:00Z') AS g
----
a | b | c | d | e | f | g
2024-01-02T03:04:05Z | 2024-01-02T01:04:05Z | 2024-01-02 | 2024-01-02T03:04:00Z | 2024-01-02T00:00:00Z | 2024-01-02T03:04:05Z | 2024-01-02

### writing
SELECT date_format(timestamp '2024-01-02 03:04:05', '%Y/%m/%d %H:%i:%s') AS a, format_datetime(timestamp '2024-01-02 15:04:05', 'yyyy-MM-dd hh:mm a') AS b, to_iso8601(timestamp '2024-01-02 03:04:05') AS c, to_iso8601(DATE '2024-01-02') AS d, to_unixtime(timestamp '2024-01-01 00:00:00') AS e
----
a | b | c | d | e
2024/01/02 03:04:05 | 2024-01-02 03:04 PM | 2024-01-02T03:04:05.000Z | 2024-01-02 | 1704067200.0

### arithmetic
SELECT date_add('month', 1, DATE '2024-01-31') AS a, date_add('hour', -5, timestamp '2024-01-01 03:00:00') AS b, date_diff('day', DATE '2024-01-01', DATE '2024-03-01') AS c, timestamp '2024-01-01 00:00:00' + INTERVAL '90' MINUTE AS d, DATE '2024-01-01' - INTERVAL '1' DAY AS e, date_trunc('hour', timestamp '2024-01-01 05:55:00') AS f, last_day_of_month(DATE '2024-02-01') AS g
----
a | b | c | d | e | f | g
2024-02-29 | 2023-12-31T22:00:00Z | 60 | 2024-01-01T01:30:00Z | 2023-12-31 | 2024-01-01T05:00:00Z | 2024-02-29

### parts
SELECT year(t) AS y, quarter(t) AS q, month(t) AS m, week(t) AS w, day(t) AS d, day_of_week(t) AS dow, doy(t) AS doy, hour(t) AS h, minute(t) AS mi, second(t) AS s, extract(year FROM t) AS e FROM (SELECT timestamp '2024-03-05 14:07:09' AS t)
----
y | q | m | w | d | dow | doy | h | mi | s | e
2024 | 1 | 3 | 10 | 5 | 2 | 65 | 14 | 7 | 9 | 2024

### at time zone
SELECT timestamp '2024-01-01 12:00:00' AT TIME ZONE 'UTC' AS a, at_timezone(from_iso8601_timestamp('2024-01-01T12:00:00Z'), 'UTC') AS b
----
a | b
2024-01-01T12:00:00Z | 2024-01-01T12:00:00Z

### other time zones are refused
SELECT now() AT TIME ZONE 'America/New_York'
----
invalid: time zone 'America/New_York': times are kept and shown in UTC; use 'UTC', or date_add('hour', n, …)

### bad data is NULL, bad patterns are errors
SELECT date_parse('x', '%Y') AS a, from_iso8601_timestamp('yesterday') AS b, try(date_parse('1', '%Q')) AS c
----
invalid: date pattern: '%Q' is not known

### units are named
SELECT date_add('fortnight', 1, now())
----
invalid: 'fortnight' is no unit of time; known are millisecond, second, minute, hour, day, week, month, quarter, year

### per hour
SELECT date_trunc('hour', from_iso8601_timestamp(eventtime)) AS hour, count(*) FROM cloudtrail_logs WHERE "date" = DATE '2024-03-03' GROUP BY 1 ORDER BY 1
----
hour | count(*)
2024-03-03T00:00:00Z | 2
2024-03-03T12:00:00Z | 2
