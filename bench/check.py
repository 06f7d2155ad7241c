#!/usr/bin/env python3
"""The six controls: `trailkeep check` beside Prowler, on the same AWS in the same run.

    eval "$(scripts/test --env)"; bench/check.py [ROUNDS]

The AWS is a server of moto with the estate of check_estate.py: one account, 17 Regions. Prowler runs
the checks that Trailkeep has as well, Trailkeep runs all of its own: neither is told where to look.
Start-up counts for both. Best of ROUNDS (3), alternating. Agreement is counted resource by resource
where both speak of the same one, and per check.
"""

import collections
import csv
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import venv

from common import ROOT, WORK, binary, report

PROWLER = "5.46.0"
# The Regions that are on in every account.
REGIONS = """ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1
    eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2""".split()

# Prowler's check, and what asks the same here. `whole`: they name different things (a trail, a Region,
# an account), so that only the worst result of each can be compared.
COMMON: dict[str, tuple[list[str], str]] = {
    "cloudtrail_multi_region_enabled": (["trail-region-coverage"], "whole"),
    "cloudtrail_multi_region_enabled_logging_management_events": (["trail-management-events"], "whole"),
    "cloudtrail_log_file_validation_enabled": (["trail-log-file-validation"], "arn"),
    "cloudtrail_kms_encryption_enabled": (["trail-kms-encryption"], "arn"),
    "cloudtrail_cloudwatch_logging_enabled": (["trail-log-group", "trail-log-group-delivery"], "arn"),
    "cloudtrail_insights_exist": (["trail-insights"], "whole"),
    "cloudtrail_s3_dataevents_read_enabled": (["trail-s3-data-events-read"], "whole"),
    "cloudtrail_s3_dataevents_write_enabled": (["trail-s3-data-events-write"], "whole"),
    "cloudtrail_bucket_requires_mfa_delete": (["log-bucket-mfa-delete"], "whole"),
    "cloudtrail_logs_s3_bucket_access_logging_enabled": (["log-bucket-access-logging"], "whole"),
    "cloudtrail_logs_s3_bucket_is_not_publicly_accessible": (["log-bucket-acl", "log-bucket-policy-public"], "whole"),
    "s3_account_level_public_access_blocks": (["log-bucket-account-public-access-block"], "whole"),
    "s3_bucket_level_public_access_block": (["log-bucket-public-access-block"], "arn"),
    "s3_bucket_secure_transport_policy": (["log-bucket-tls"], "arn"),
    "s3_bucket_object_versioning": (["log-bucket-versioning"], "arn"),
    "s3_bucket_object_lock": (["log-bucket-object-lock"], "arn"),
    "s3_bucket_kms_encryption": (["log-bucket-encryption"], "arn"),
    "s3_bucket_acl_prohibited": (["log-bucket-ownership"], "arn"),
    "s3_bucket_server_access_logging_enabled": (["s3-access-logging"], "arn"),
    "cloudwatch_log_metric_filter_unauthorized_api_calls": (["alert-unauthorized-calls"], "whole"),
    "cloudwatch_log_metric_filter_sign_in_without_mfa": (["alert-console-sign-in-without-mfa"], "whole"),
    "cloudwatch_log_metric_filter_root_usage": (["alert-root-use"], "whole"),
    "cloudwatch_log_metric_filter_policy_changes": (["alert-iam-policy-changes"], "whole"),
    "cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled":
        (["alert-cloudtrail-changes"], "whole"),
    "cloudwatch_log_metric_filter_authentication_failures": (["alert-console-sign-in-failures"], "whole"),
    "cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk": (["alert-kms-key-loss"], "whole"),
    "cloudwatch_log_metric_filter_for_s3_bucket_policy_changes": (["alert-bucket-policy-changes"], "whole"),
    "cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled":
        (["alert-config-changes"], "whole"),
    "cloudwatch_log_metric_filter_security_group_changes": (["alert-security-group-changes"], "whole"),
    "cloudwatch_changes_to_network_acls_alarm_configured": (["alert-network-acl-changes"], "whole"),
    "cloudwatch_changes_to_network_gateways_alarm_configured": (["alert-gateway-changes"], "whole"),
    "cloudwatch_changes_to_network_route_tables_alarm_configured": (["alert-route-table-changes"], "whole"),
    "cloudwatch_changes_to_vpcs_alarm_configured": (["alert-vpc-changes"], "whole"),
    "cloudwatch_log_metric_filter_aws_organizations_changes": (["alert-organizations-changes"], "whole"),
    "cloudwatch_alarm_actions_enabled": (["alarm-actions-enabled"], "arn"),
    "cloudwatch_alarm_actions_alarm_state_configured": (["alarm-action-live"], "arn"),
    "cloudwatch_log_group_retention_policy_specific_days_enabled": (["log-group-retention"], "arn"),
    "cloudwatch_log_group_kms_encryption_enabled": (["log-group-encryption"], "arn"),
    "vpc_flow_logs_enabled": (["vpc-flow-logs"], "arn"),
    "guardduty_is_enabled": (["guardduty-on"], "region"),
    "securityhub_enabled": (["security-hub-on"], "region"),
    "config_recorder_all_regions_enabled": (["config-recorder-on"], "region"),
    "elb_logging_enabled": (["clb-access-logging"], "arn"),
    "elbv2_logging_enabled": (["alb-access-logging", "nlb-access-logging"], "arn"),
    "apigateway_restapi_logging_enabled": (["apigateway-execution-logging"], "arn"),
    "apigatewayv2_api_access_logging_enabled": (["apigateway-v2-access-logging"], "whole"),
    "cloudfront_distributions_logging_enabled": (["cloudfront-logging"], "arn"),
    "route53_public_hosted_zones_cloudwatch_logging_enabled": (["route53-query-logging"], "arn"),
    "wafv2_webacl_logging_enabled": (["waf-logging"], "arn"),
    "rds_instance_integration_cloudwatch_logs": (["rds-log-exports"], "arn"),
    "rds_cluster_integration_cloudwatch_logs": (["rds-cluster-log-exports"], "arn"),
    "neptune_cluster_integration_cloudwatch_logs": (["neptune-audit-logging"], "arn"),
    "redshift_cluster_audit_logging": (["redshift-audit-logging"], "arn"),
    "opensearch_service_domains_audit_logging_enabled": (["opensearch-audit-logging"], "arn"),
    "eks_control_plane_logging_all_types_enabled": (["eks-control-plane-logging"], "arn"),
    "ecs_task_definitions_logging_enabled": (["ecs-task-logging"], "arn"),
    "stepfunctions_statemachine_logging_enabled": (["stepfunctions-logging"], "arn"),
    "networkfirewall_logging_enabled": (["network-firewall-logging"], "arn"),
    "bedrock_model_invocation_logging_enabled": (["bedrock-invocation-logging"], "region"),
}

# Statuses by (Region, ARN); the worst where several checks or results speak of one.
Results = dict[tuple[str, str], str]
WORST = {"PASS": 0, "UNKNOWN": 1, "FAIL": 2}


def prowler() -> pathlib.Path:
    """The folder of an environment that has Prowler, and boto3 with it."""
    folder = WORK / f"prowler-{PROWLER}"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, f"prowler=={PROWLER}"], check=True)
        (folder / "ready").touch()
    return folder


class Moto:
    """A server of moto, stopped at the end."""

    def __enter__(self) -> "Moto":
        program = os.environ.get("TRAILKEEP_TEST_MOTO") or sys.exit('run eval "$(scripts/test --env)" first')
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.server = subprocess.Popen(
            [program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/").close()
                return self
            except OSError:
                time.sleep(0.1)
        sys.exit("moto does not start")

    def __exit__(self, *_) -> None:
        self.server.terminate()
        self.server.wait()


def environment(url: str) -> dict[str, str]:
    """No settings of the machine's own: only this server, and credentials that mean nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
           "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(WORK)}
    return kept | own


def run(command: list, url: str) -> tuple[float, str]:
    """Seconds and standard output; both tools exit with 3 when something fails."""
    began = time.monotonic()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=WORK,
                          env=environment(url))
    seconds = time.monotonic() - began
    if done.returncode not in (0, 3):
        sys.exit(f"{command[0]} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds, done.stdout


def worse(results: Results, key: tuple[str, str], status: str) -> None:
    results[key] = max(results.get(key, "PASS"), status, key=WORST.__getitem__)


def run_trailkeep(program: str, url: str) -> tuple[float, dict[str, Results]]:
    seconds, out = run([program, "check", "-q", "--no-save", "-o", "ndjson", "--regions", ",".join(REGIONS)], url)
    found: dict[str, Results] = collections.defaultdict(dict)
    for line in out.splitlines():
        result = json.loads(line)
        worse(found[result["check_id"]], (result["region"], result["resource_arn"]), result["status"])
    return seconds, found


def run_prowler(folder: pathlib.Path, url: str) -> tuple[float, dict[str, Results]]:
    output = WORK / "prowler-output"
    shutil.rmtree(output, ignore_errors=True)
    seconds, _ = run([folder / "bin" / "prowler", "aws", "--no-banner", "--no-color", "--ignore-exit-code-3",
                      "--scan-unused-services", "-M", "csv", "-F", "out", "-o", output, "-f", *REGIONS, "--checks", *COMMON], url)
    found: dict[str, Results] = collections.defaultdict(dict)
    with (output / "out.csv").open() as file:
        for row in csv.DictReader(file, delimiter=";"):
            # MANUAL: it could not tell.
            status = row["STATUS"] if row["STATUS"] in WORST else "UNKNOWN"
            worse(found[row["CHECK_ID"]], (row["REGION"], row["RESOURCE_UID"]), status)
    return seconds, found


def worst(results: Results) -> str:
    return max(results.values(), key=WORST.__getitem__, default="nothing")


def keyed(results: Results, how: str) -> dict[str, str]:
    """By what both name: the ARN (log groups of Prowler's end in `:*`), or the Region."""
    made: dict[str, str] = {}
    for (region, arn), status in results.items():
        worse(made, region if how == "region" else arn.removesuffix(":*"), status)
    return made


def compare(ours: dict[str, Results], theirs: dict[str, Results]) -> dict[str, dict]:
    """Each common check: both tools' worst results, and on how many resources they agree."""
    table = {}
    for check, (ids, how) in COMMON.items():
        mine: Results = {}
        for name in ids:
            for key, status in ours.get(name, {}).items():
                worse(mine, key, status)
        other = theirs.get(check, {})
        line = {"trailkeep": ids, "worst": [worst(mine), worst(other)]}
        if how == "whole":
            line["agree"] = worst(mine) == worst(other)
        else:
            left, right = keyed(mine, how), keyed(other, how)
            both = left.keys() & right.keys()
            differ = {key: [left[key], right[key]] for key in sorted(both) if left[key] != right[key]}
            line |= {"both": len(both), "only_trailkeep": len(left.keys() - both),
                     "only_prowler": len(right.keys() - both), "agree": bool(both) and not differ}
            if differ:
                line["differ"] = differ
        table[check] = line
    return table


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    WORK.mkdir(parents=True, exist_ok=True)
    program, peer = binary(), prowler()
    best: dict[str, tuple[float, dict[str, Results]]] = {}
    with Moto() as moto:
        run([peer / "bin" / "python", ROOT / "bench" / "check_estate.py"], moto.url)
        for _ in range(rounds):
            for name, result in (("trailkeep", run_trailkeep(program, moto.url)),
                                 ("prowler", run_prowler(peer, moto.url))):
                best[name] = min(best.get(name, result), result, key=lambda one: one[0])
    table = compare(best["trailkeep"][1], best["prowler"][1])
    agree = [check for check, line in table.items() if line["agree"]]
    report("check", {
        "command": "bench/check.py",
        "prowler": PROWLER,
        "regions": len(REGIONS),
        "checks": {"trailkeep": len(best["trailkeep"][1]), "prowler": len(COMMON)},
        "seconds": {name: round(seconds, 2) for name, (seconds, _) in best.items()},
        "ratio": round(best["prowler"][0] / best["trailkeep"][0], 1),
        "agree": f"{len(agree)} of {len(COMMON)}",
        "table": table,
    })


if __name__ == "__main__":
    main()
