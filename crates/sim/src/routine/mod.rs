//! Routines: calls that belong together, who makes them, and how often.
//!
//! Nobody makes one call: a release registers a task definition, updates a service and looks at
//! it until it is steady; a console page loads with a dozen describes. A routine is such a burst.

mod machines;
mod people;

use crate::calls::ReadyCall;
use crate::cast::Cast;
use crate::config::SimError;
use crate::org::{ACCOUNTS, DEVELOPMENT, PRODUCTION, REGIONS, SECURITY, US_EAST_1};
use crate::rhythm::{CLASSES, Class};

/// One kind of burst.
pub(crate) struct Routine {
    pub(crate) class: Class,
    /// How many of the class's events it makes, in relation to its other routines.
    pub(crate) share: u32,
    pub(crate) where_: Where,
    pub(crate) cast: &'static [Cast],
    /// How many calls a burst has, at least and at most.
    pub(crate) burst: (u32, u32),
    /// How many seconds lie between two calls, at most.
    pub(crate) gap: u32,
    /// `service:Call`, and how often in relation to the others.
    pub(crate) calls: &'static [(&'static str, u32)],
}

/// Where a routine takes place.
#[derive(Clone, Copy)]
pub(crate) struct Where {
    accounts: &'static [usize],
    /// Its calls go to global services, which record in us-east-1.
    global: bool,
}

const EVERYWHERE: Where = Where { accounts: &[SECURITY, PRODUCTION, DEVELOPMENT], global: false };
const WORKLOADS: Where = Where { accounts: &[PRODUCTION, DEVELOPMENT], global: false };
const GLOBAL: Where = Where { accounts: &[SECURITY, PRODUCTION, DEVELOPMENT], global: true };
const ONLY_PRODUCTION: Where = Where { accounts: &[PRODUCTION], global: false };
const ONLY_DEVELOPMENT: Where = Where { accounts: &[DEVELOPMENT], global: false };
const ONLY_SECURITY: Where = Where { accounts: &[SECURITY], global: false };
const GLOBAL_WORKLOADS: Where = Where { accounts: &[PRODUCTION, DEVELOPMENT], global: true };
const GLOBAL_SECURITY: Where = Where { accounts: &[SECURITY], global: true };
const GLOBAL_DEVELOPMENT: Where = Where { accounts: &[DEVELOPMENT], global: true };

impl Where {
    fn holds(self, account: usize, region: usize) -> bool {
        self.accounts.contains(&account) && (!self.global || region == US_EAST_1)
    }
}

#[cfg(test)]
impl Where {
    /// One of the accounts that it names.
    pub(crate) fn an_account(self) -> usize {
        self.accounts[self.accounts.len() / 2]
    }
}

/// A routine with its calls looked up.
pub(crate) struct ReadyRoutine {
    pub(crate) routine: &'static Routine,
    /// Indexes into the call registry, with their weights as a running sum.
    pub(crate) calls: Vec<usize>,
    pub(crate) running: Vec<u32>,
}

/// All routines, and which of them take place where.
pub(crate) struct Routines {
    pub(crate) all: Vec<ReadyRoutine>,
    /// By class, account and Region: routines, and their weights as a running sum.
    places: Vec<(Vec<usize>, Vec<u32>)>,
}

impl Routines {
    pub(crate) fn new(registry: &[ReadyCall]) -> Result<Routines, SimError> {
        let mut all = Vec::new();
        for routine in people::ROUTINES.iter().chain(machines::ROUTINES) {
            let mut ready = ReadyRoutine { routine, calls: Vec::new(), running: Vec::new() };
            let mut sum = 0;
            for (name, weight) in routine.calls {
                let at = registry.iter().position(|call| call.is(name));
                ready.calls.push(at.ok_or_else(|| SimError::UnknownCall((*name).to_owned()))?);
                sum += weight;
                ready.running.push(sum);
            }
            all.push(ready);
        }
        let mut places = Vec::new();
        for class in CLASSES {
            for account in 0..ACCOUNTS.len() {
                for region in 0..REGIONS.len() {
                    places.push(at_place(&all, class, account, region));
                }
            }
        }
        Ok(Routines { all, places })
    }

    /// The routines of a class at a place, with their weights as a running sum.
    pub(crate) fn at(&self, class: Class, account: usize, region: usize) -> (&[usize], &[u32]) {
        let place = (class as usize * ACCOUNTS.len() + account) * REGIONS.len() + region;
        let (routines, running) = &self.places[place];
        (routines, running)
    }
}

fn at_place(all: &[ReadyRoutine], class: Class, account: usize, region: usize) -> (Vec<usize>, Vec<u32>) {
    let mut found = (Vec::new(), Vec::new());
    let mut sum = 0;
    for (at, ready) in all.iter().enumerate() {
        let routine = ready.routine;
        if routine.class == class && routine.where_.holds(account, region) {
            // `share` speaks of events, the draw is of bursts: divide by the mean burst.
            sum += routine.share * 2_000 / (routine.burst.0 + routine.burst.1).max(1);
            found.0.push(at);
            found.1.push(sum);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::registry;
    use crate::rhythm::Rhythm;

    #[test]
    fn every_class_has_routines_wherever_it_is_busy() {
        let calls = registry().unwrap();
        let routines = Routines::new(&calls).unwrap();
        let rhythm = Rhythm::new(chrono::NaiveDate::from_ymd_opt(2026, 3, 17).unwrap());
        for class in CLASSES {
            for account in 0..3 {
                for region in 0..4 {
                    let (at, running) = routines.at(class, account, region);
                    assert_eq!(at.len(), running.len());
                    assert!(
                        !at.is_empty() || rhythm.weight(class, 150, account, region) == 0,
                        "{class:?} has nothing to do in account {account}, Region {region}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_call_takes_part_in_a_routine() {
        let calls = registry().unwrap();
        let routines = Routines::new(&calls).unwrap();
        for (at, call) in calls.iter().enumerate() {
            assert!(
                routines.all.iter().any(|routine| routine.calls.contains(&at)),
                "{}:{} is in no routine",
                call.service.name,
                call.call.name
            );
        }
    }

    #[test]
    fn global_services_are_called_in_us_east_1_only() {
        let calls = registry().unwrap();
        for ready in Routines::new(&calls).unwrap().all {
            for at in ready.calls {
                assert!(!calls[at].service.global || ready.routine.where_.global, "{}", calls[at].call.name);
            }
        }
    }
}
