-- Addresses and networks.

### contains
SELECT sourceipaddress, contains('203.0.113.0/24', CAST(sourceipaddress AS IPADDRESS)) AS inside FROM cloudtrail_logs WHERE eventname IN ('StopLogging', 'Decrypt', 'Invoke') ORDER BY eventtime
----
sourceipaddress | inside
203.0.113.7 | true
cloudtrail.amazonaws.com | null
2001:db8::1 | false

### literals compare by address
SELECT IPADDRESS '10.0.0.10' > IPADDRESS '10.0.0.9' AS a, IPADDRESS '10.0.0.1' = '10.0.0.1' AS b, CAST(IPADDRESS '::ffff:10.0.0.1' AS VARCHAR) AS c, ip_prefix(IPADDRESS '10.1.2.3', 8) AS d, CAST('10.1.2.3/8' AS IPPREFIX) AS e, typeof(IPADDRESS '10.0.0.1') AS t
----
a | b | c | d | e | t
true | true | 10.0.0.1 | 10.0.0.0/8 | 10.0.0.0/8 | ipaddress

### outside of private ranges
SELECT DISTINCT sourceipaddress FROM cloudtrail_logs WHERE is_private_address(sourceipaddress) = false AND contains('2001:db8::/32', sourceipaddress) = true
----
sourceipaddress
2001:db8::1

### the edges of a network
SELECT ip_subnet_min('10.1.0.0/16') AS lo, ip_subnet_max('10.1.0.0/16') AS hi, is_subnet_of('10.0.0.0/8', '10.1.0.0/16') AS sub
----
lo | hi | sub
10.1.0.0 | 10.1.255.255 | true

### addresses group and sort
SELECT CAST(sourceipaddress AS IPADDRESS) AS ip, count(*) AS n FROM cloudtrail_logs GROUP BY 1 ORDER BY 1
----
ip | n
192.0.2.44 | 2
198.51.100.23 | 1
198.51.100.99 | 2
203.0.113.7 | 5
203.0.113.200 | 2
2001:db8::1 | 1
null | 1
