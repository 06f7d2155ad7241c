#!/usr/bin/env python3
"""From an event received to a person told, and to a change put back, while 1,000 events a second come.

    eval "$(scripts/test --env)"; bench/notify.py [SECONDS] [EVENTS_PER_SECOND]

`serve` takes events over HTTP in bodies of 50, with the built-in rules, the built-in metric filters and
alarms, and the playbook for security groups. Four times a second a record among them says that a trail
was stopped: the time from the beginning of its request to the arrival of the notification at a webhook
is measured at the receiver. Every two seconds a port is opened on moto and its record sent: the time
from the beginning of its request to the response that was done and read back is measured by what
`trailkeep responses list` says. There is no peer: the aims are 1 s and 2 s, 99 in 100.
"""

import datetime
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import uuid

from common import WORK, binary, report

ACCOUNT, REGION = "123456789012", "eu-west-1"
BATCH = 50
TOLD_PER_SECOND = 4
REVERT_EVERY = 2.0

arrived: dict[str, float] = {}
messages = 0


class Receiver(http.server.BaseHTTPRequestHandler):
    """Notes when a notification about an event came first."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        global messages
        now = time.monotonic()
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        messages += 1
        for incident in body.get("incidents", []):
            for evidence in incident["evidence"]:
                arrived.setdefault(evidence["event_uid"], now)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def record(name: str, source: str, who: str, request: dict, response: dict | None) -> dict:
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "eventVersion": "1.10", "eventTime": at, "eventSource": source, "eventName": name, "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.15", "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()), "readOnly": response is None, "eventType": "AwsApiCall",
        "managementEvent": True, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "userName": who, "accountId": ACCOUNT,
                         "arn": f"arn:aws:iam::{ACCOUNT}:user/{who}", "accessKeyId": "AKIAEXAMPLE"},
        "requestParameters": request, "responseElements": response,
    }


def quiet(n: int) -> dict:
    return record("DescribeInstances", "ec2.amazonaws.com", f"user{n % 50}", {"maxResults": n}, None)


def stopped(n: int) -> dict:
    name = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/trail-{n}"
    return record("StopLogging", "cloudtrail.amazonaws.com", f"mallory{n}", {"name": name}, {})


def moto_call(endpoint: str, action: str, fields: dict[str, str]) -> str:
    """A call of EC2's Query API; moto reads no signature, only for whom and where it is."""
    body = urllib.parse.urlencode({"Action": action, "Version": "2016-11-15", **fields}).encode()
    scope = f"AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/{REGION}/ec2/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(endpoint, body, {"authorization": scope})
    return urllib.request.urlopen(request, timeout=30).read().decode()


def between(text: str, start: str, end: str) -> str:
    return text.split(start, 1)[1].split(end, 1)[0]


def opened(endpoint: str, n: int) -> dict:
    """Opens a port of a new group, and gives the record of that."""
    group = between(
        moto_call(endpoint, "CreateSecurityGroup", {"GroupName": f"bench-{uuid.uuid4()}", "GroupDescription": "bench"}),
        "<groupId>", "</groupId>",
    )
    answer = moto_call(endpoint, "AuthorizeSecurityGroupIngress", {
        "GroupId": group, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "22",
        "IpPermissions.1.ToPort": "22", "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0",
    })
    rule = between(answer, "<securityGroupRuleId>", "</securityGroupRuleId>")
    permission = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {}, "ipv6Ranges": {},
                  "prefixListIds": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    made = {"groupOwnerId": ACCOUNT, "groupId": group, "securityGroupRuleId": rule, "isEgress": False,
            "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"}
    return record(
        "AuthorizeSecurityGroupIngress", "ec2.amazonaws.com", f"opener{n}",
        {"groupId": group, "ipPermissions": {"items": [permission]}},
        {"_return": True, "securityGroupRuleSet": {"items": [made]}},
    )


def post(url: str, events: list[dict]) -> float:
    """Sends a body; the time at which that began."""
    body = "\n".join(json.dumps(event) for event in events).encode()
    request = urllib.request.Request(f"{url}ingest/v1/events", body, {"content-type": "application/x-ndjson"})
    began = time.monotonic()
    urllib.request.urlopen(request, timeout=60).read()
    return began


def percentiles(values: list[float]) -> dict:
    values = sorted(values)
    at = lambda share: round(values[min(len(values) - 1, int(len(values) * share))] * 1000)
    return {"count": len(values), "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "max_ms": round(values[-1] * 1000)}


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    trailkeep, folder = binary(), WORK / "notify"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    moto_port, port = free_port(), free_port()
    endpoint, url = f"http://127.0.0.1:{moto_port}/", f"http://127.0.0.1:{port}/"
    moto = os.environ.get("TRAILKEEP_TEST_MOTO") or sys.exit("run eval \"$(scripts/test --env)\" first: it installs moto")
    aws = subprocess.Popen([moto, "-p", str(moto_port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    receiver.daemon_threads = True
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    config = folder / "trailkeep.toml"
    config.write_text(f"""
        [server]
        listen = "127.0.0.1:{port}"
        [ingest]
        rate = 1000
        burst = 1000
        concurrency = 64
        [alarms]
        builtin = true
        [respond]
        channels = ["hook"]
        group_by = ["incident"]
        regions = ["{REGION}"]
        [[respond.channel]]
        name = "hook"
        type = "webhook"
        url = "http://127.0.0.1:{receiver.server_port}/"
        secret = "0123456789abcdef"
        allow_private = true
        rate = {{ messages = 10000, per = "1m" }}
        [[respond.playbook]]
        name = "security-group-rules"
        mode = "auto"
        most_per_hour = 1000
    """)
    environment = {**os.environ, "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
                   "AWS_SECRET_ACCESS_KEY": "example", "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    data = ["--data-dir", str(folder / "data"), "--config", str(config)]
    wait_for(f"{endpoint}moto-api/")
    log = (folder / "serve.log").open("w")
    server = subprocess.Popen([trailkeep, "serve", *data], env=environment, stderr=log)
    try:
        wait_for(f"{url}healthz")
        run(url, endpoint, seconds, rate, lambda: subprocess.run(
            [trailkeep, "responses", "list", "-o", "json", "--limit", "10000", *data],
            env=environment, check=True, capture_output=True, text=True).stdout)
    finally:
        server.terminate()
        server.wait()
        aws.terminate()


def run(url: str, endpoint: str, seconds: int, rate: int, responses) -> None:
    sent: dict[str, float] = {}
    reverts: dict[str, tuple[float, float]] = {}
    failures: list[str] = []
    lock = threading.Lock()

    def send(events: list[dict], told: list[str]) -> None:
        try:
            began = post(url, events)
        except OSError as error:
            failures.append(str(error))
            return
        with lock:
            sent.update((uid, began) for uid in told)

    def change(n: int) -> None:
        event = opened(endpoint, n)
        wall = time.time()
        began = post(url, [event])
        with lock:
            reverts[event["eventID"]] = (began, wall)

    threads: list[threading.Thread] = []
    begun, count, special, changes = time.monotonic(), 0, 0, 0
    bodies = seconds * rate // BATCH
    for body in range(bodies):
        at = begun + body * BATCH / rate
        time.sleep(max(0.0, at - time.monotonic()))
        events = [quiet(count + i) for i in range(BATCH)]
        told = []
        if special < (time.monotonic() - begun) * TOLD_PER_SECOND:
            event = stopped(special)
            events[BATCH // 2], special = event, special + 1
            told.append(event["eventID"])
        count += BATCH
        work = [threading.Thread(target=send, args=(events, told))]
        if changes < (time.monotonic() - begun) / REVERT_EVERY:
            work.append(threading.Thread(target=change, args=(changes,)))
            changes += 1
        for thread in work:
            thread.start()
        threads.extend(work)
    for thread in threads:
        thread.join()
    took = time.monotonic() - begun
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not all(uid in arrived for uid in sent):
        time.sleep(0.1)
    done: dict[str, dict] = {}
    while time.monotonic() < deadline:
        done = {row["event_uid"]: row for row in json.loads(responses()) if row["status"] == "done"}
        if all(uid in done for uid in reverts):
            break
        time.sleep(1)
    parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    notified = [arrived[uid] - began for uid, began in sent.items() if uid in arrived]
    reverted = [parse(done[uid]["finished_at"]) - wall for uid, (_, wall) in reverts.items() if uid in done]
    report("notify", {
        "command": f"bench/notify.py {seconds} {rate}",
        "events": count,
        "events_per_second": round(count / took),
        "failed_requests": len(failures),
        "event_to_notification": percentiles(notified),
        "not_notified": len(sent) - len(notified),
        "event_to_revert": percentiles(reverted),
        "not_reverted": len(reverts) - len(reverted),
        "messages": messages,
    })


if __name__ == "__main__":
    main()
