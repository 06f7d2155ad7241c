//! One record of every call there is, so that a change to a template is seen.

use crate::calls::registry;
use crate::config::Config;
use crate::dice::{Dice, Domain, mix_str};
use crate::org::Org;
use crate::record::{Fate, write_event};
use crate::routine::Routines;
use crate::template::Scene;
use crate::text::written;

/// 2026-03-17T10:20:30Z.
const TIME: i64 = 1_773_742_830;

#[test]
fn every_call_as_a_record() {
    let seed = Config::default().seed;
    let org = Org::new(seed);
    let calls = registry().unwrap();
    let routines = Routines::new(&calls).unwrap();
    let mut services: Vec<&str> = calls.iter().map(|call| call.service.name).collect();
    services.sort_unstable();
    services.dedup();
    for service in services {
        let mut text = String::new();
        for (at, call) in calls.iter().enumerate().filter(|(_, call)| call.service.name == service) {
            let routine = routines.all.iter().find(|routine| routine.calls.contains(&at)).unwrap();
            let account = routine.routine.where_.an_account();
            let mut dice = Dice::new(seed, Domain::File, mix_str(1, call.call.name), 0);
            let actor = routine.routine.cast[0].actor(&org, account, 0, TIME, &mut dice);
            let pick = dice.bits();
            let mut scene = Scene {
                org: &org,
                account,
                region: 0,
                time: TIME,
                actor: &actor,
                dice: &mut dice,
                pick,
                facts: &[],
                request_id: Vec::new(),
            };
            text.push_str(&written(|out| {
                write_event(&mut scene, call, Fate::Chance, out);
            }));
            text.push('\n');
        }
        insta::assert_snapshot!(format!("calls_{service}"), text);
    }
}
