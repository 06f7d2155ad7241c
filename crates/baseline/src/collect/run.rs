//! Making the calls: many at a time, as fast as AWS lets, until nothing follows any more.
//!
//! One task owns the plan and the lanes; each call is a task of its own that gives its result back.
//! Dropping the future ends them all, and nothing has been written anywhere.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use trailkeep_aws::api::{ApiError, Client};

use super::Partition;
use super::answer::{answer, is_unresolved, not_offered};
use super::lanes::{Lanes, Limits, Next};
use super::plan::{Call, Plan};
use super::progress::Teller;
use crate::inventory::GLOBAL;

/// Calls under way at the same time, over all accounts and Regions.
const AT_ONCE: usize = 64;

/// Of these, to one service in one Region of one account: as many as the client has seats for.
const LANE_AT_ONCE: usize = 8;

/// A service in a Region of an account: what AWS's throttles count by.
type LaneName = (Arc<str>, Arc<str>, &'static str);

type Ended = (LaneName, Call, Result<Value, ApiError>);

/// Asks all that the plan wants to know.
pub(super) async fn run(
    plan: &mut Plan,
    clients: &HashMap<String, Client>,
    partition: Partition,
    teller: &Teller<'_>,
) {
    let mut runner = Runner {
        clients,
        partition,
        teller,
        lanes: Lanes::new(),
        under_way: JoinSet::new(),
        reached: HashSet::new(),
        unresolved: Vec::new(),
    };
    runner.push(plan.begin());
    loop {
        while let Some(ended) = runner.next().await {
            let next = runner.take(plan, ended);
            runner.push(next);
        }
        // All lists are there: now what they point at, until that points at nothing new.
        let referenced = plan.referenced();
        if referenced.is_empty() {
            break;
        }
        runner.push(referenced);
    }
    runner.settle(plan);
}

struct Runner<'a> {
    clients: &'a HashMap<String, Client>,
    partition: Partition,
    teller: &'a Teller<'a>,
    lanes: Lanes<LaneName, Call>,
    under_way: JoinSet<Ended>,
    /// Regions in which some service has answered.
    reached: HashSet<Arc<str>>,
    /// Calls to services whose names do not resolve.
    unresolved: Vec<Call>,
}

impl Runner<'_> {
    fn push(&mut self, calls: Vec<Call>) {
        self.teller.expect(calls.len());
        let now = Instant::now();
        for call in calls {
            let service = call.ask.operation.service.signing_name;
            let lane = (call.account.clone(), call.asked.clone(), service);
            self.lanes.push(lane, limits(service), call, now);
        }
    }

    /// The next call that has ended; `None` when none is under way and none waits.
    async fn next(&mut self) -> Option<Ended> {
        loop {
            let mut until = None;
            while self.under_way.len() < AT_ONCE {
                match self.lanes.next(Instant::now()) {
                    Next::Go(lane, call) => self.start(lane, call),
                    Next::At(when) => {
                        until = Some(when);
                        break;
                    }
                    Next::AfterACall | Next::Nothing => break,
                }
            }
            let ended = match until {
                Some(when) => tokio::select! {
                    ended = self.under_way.join_next(), if !self.under_way.is_empty() => ended,
                    () = sleep_until(when) => continue,
                },
                None => self.under_way.join_next().await,
            };
            match ended? {
                Ok(ended) => return Some(ended),
                // A call that panicked has nothing to give back; its answer stays out of the
                // inventory, and whoever wants it learns that.
                Err(error) => tracing::error!(%error, "a call ended without a result"),
            }
        }
    }

    fn start(&mut self, lane: LaneName, call: Call) {
        // Only entered accounts are planned for, and those have a client.
        let Some(client) = self.clients.get(&*call.account).cloned() else { return };
        let region =
            if &*call.asked == GLOBAL { self.partition.global_region().into() } else { call.asked.clone() };
        self.under_way.spawn(async move {
            let result = client.call_all(call.ask.operation, &region, &call.input).await;
            (lane, call, result)
        });
    }

    /// Puts a result into the plan; the calls that follow from it.
    fn take(&mut self, plan: &mut Plan, (lane, call, result): Ended) -> Vec<Call> {
        self.lanes.done(&lane);
        self.teller.ended(call.ask.operation, &call.account, &call.kept);
        if let Err(error) = &result {
            tracing::debug!(account = &*call.account, %error, "a call failed");
        }
        match &result {
            Err(error) if is_unresolved(error) => self.unresolved.push(call.clone()),
            Err(error) if error.status().is_none() => {}
            _ => {
                self.reached.insert(call.asked.clone());
            }
        }
        plan.answered(&call, answer(result, call.ask.absent))
    }

    /// A name that does not resolve is that of a service which the Region does not have, if names of
    /// other services there do. If none does, it is the network, and nothing is known.
    fn settle(self, plan: &mut Plan) {
        for call in self.unresolved.iter().filter(|call| self.reached.contains(&call.asked)) {
            plan.inventory.record(&call.account, &call.kept, &call.ask.call(), &call.resource, not_offered());
        }
    }
}

/// What a service lets through, with room for others who ask at the same time. AWS documents few of
/// these; the client slows down by itself where they do not hold.
fn limits(service: &str) -> Limits {
    let (per_second, burst) = match service {
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
        "cloudtrail" => (8.0, 10.0),
        // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
        "route53" => (4.0, 5.0),
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
        "apigateway" => (8.0, 20.0),
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
        "logs" => (8.0, 10.0),
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
        "s3" => (200.0, 200.0),
        _ => (20.0, 30.0),
    };
    Limits { per_second, burst, at_once: LANE_AT_ONCE }
}
