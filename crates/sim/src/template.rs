//! JSON with placeholders: the form in which calls are written down.
//!
//! `{"instanceId":"<instance>","count":<int 1 9>}` is parsed once, when a simulator is made, and
//! then written by copying the text between the placeholders. Neither `<` nor `>` may stand for
//! itself. Three families of placeholders:
//!
//! - what is so for the record: `account`, `region`, `actor`, `user`, `ip`, `now`, `today`, …;
//! - what stays the same within a record, so that request and response agree: every resource
//!   kind of `org/pools.rs`, `id N`, `object`;
//! - what is new at every place: `uuid`, `hex N`, `alnum N`, `upper N`, `base64 N`, `int A B`,
//!   `private`, `any a|b|c`.

use crate::config::SimError;
use crate::dice::{Dice, mix, stable_hex, stable_uuid};
use crate::identity::Actor;
use crate::org::{ACCOUNTS, IAM_USERS, IamUser, Kind, ORGANIZATION, Org, PEOPLE, REGIONS};
use crate::text;

/// What a template is filled in from: one record being written.
pub(crate) struct Scene<'a> {
    pub(crate) org: &'a Org,
    pub(crate) account: usize,
    pub(crate) region: usize,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) actor: &'a Actor,
    pub(crate) dice: &'a mut Dice,
    /// Chooses everything that stays the same within the record.
    pub(crate) pick: u64,
    /// Values that a story insists on, by name.
    pub(crate) facts: &'a [(&'static str, String)],
    pub(crate) request_id: Vec<u8>,
}

impl Scene<'_> {
    fn resource(&self, kind: Kind) -> &str {
        let pick = mix(self.pick, kind as u64);
        self.org.resource(self.account, self.region, kind, pick)
    }
}

enum Piece {
    Text(&'static str),
    Var(Var),
}

enum Var {
    Pool(Kind),
    /// A second, mostly different resource of the kind.
    Other(Kind),
    Fact(&'static str),
    Account,
    Alias,
    Organization,
    Region,
    Actor,
    User,
    Ip,
    Now,
    NowMillis,
    Today,
    American(i64),
    Later(i64),
    Request,
    Person,
    IamUser,
    Object,
    Id(usize),
    StableUuid,
    Uuid,
    Hex(usize),
    Alnum(usize),
    Upper(usize),
    Base64(usize),
    Int(u32, u32),
    Private,
    Any(Vec<&'static str>),
}

/// A parsed template.
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// Parses a template; fails at a placeholder that does not exist.
    pub(crate) fn parse(source: &'static str) -> Result<Template, SimError> {
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some((before, after)) = rest.split_once('<') {
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            let unknown = || SimError::Placeholder(after.chars().take(40).collect());
            let (inside, tail) = after.split_once('>').ok_or_else(unknown)?;
            pieces.push(Piece::Var(variable(inside).ok_or_else(unknown)?));
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Ok(Template(pieces))
    }

    /// Appends the template, filled in.
    pub(crate) fn write(&self, scene: &mut Scene<'_>, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Var(var) => var.write(scene, out),
            }
        }
    }
}

fn variable(inside: &'static str) -> Option<Var> {
    let (name, arguments) = inside.split_once(' ').unwrap_or((inside, ""));
    let count = || arguments.parse::<usize>().ok();
    Some(match name {
        "account" => Var::Account,
        "alias" => Var::Alias,
        "organization" => Var::Organization,
        "region" => Var::Region,
        "actor" => Var::Actor,
        "user" => Var::User,
        "ip" => Var::Ip,
        "now" => Var::Now,
        "nowms" => Var::NowMillis,
        "today" => Var::Today,
        "american" => Var::American(arguments.parse().unwrap_or(0)),
        "later" => Var::Later(arguments.parse().ok()?),
        "request" => Var::Request,
        "person" => Var::Person,
        "iamperson" => Var::IamUser,
        "object" => Var::Object,
        "fact" => Var::Fact(arguments),
        "other" => Var::Other(Kind::named(arguments)?),
        "id" => Var::Id(count()?),
        "sameuuid" => Var::StableUuid,
        "uuid" => Var::Uuid,
        "hex" => Var::Hex(count()?),
        "alnum" => Var::Alnum(count()?),
        "upper" => Var::Upper(count()?),
        "base64" => Var::Base64(count()?),
        "int" => {
            let (low, high) = arguments.split_once(' ')?;
            Var::Int(low.parse().ok()?, high.parse().ok()?)
        }
        "private" => Var::Private,
        "any" => Var::Any(arguments.split('|').collect()),
        _ => Var::Pool(Kind::named(name)?),
    })
}

impl Var {
    fn write(&self, scene: &mut Scene<'_>, out: &mut Vec<u8>) {
        match self {
            Var::Pool(kind) => text::put(out, scene.resource(*kind)),
            Var::Other(kind) => {
                let pick = mix(scene.pick, *kind as u64) + 1;
                text::put(out, scene.org.resource(scene.account, scene.region, *kind, pick));
            }
            Var::Fact(name) => {
                if let Some((_, value)) = scene.facts.iter().find(|(fact, _)| fact == name) {
                    text::put(out, value);
                }
            }
            Var::Account => text::put(out, ACCOUNTS[scene.account].id),
            Var::Alias => text::put(out, ACCOUNTS[scene.account].alias),
            Var::Organization => text::put(out, ORGANIZATION),
            Var::Region => text::put(out, REGIONS[scene.region]),
            Var::Actor => text::put(out, &scene.actor.arn),
            Var::User => text::put(out, &scene.actor.name),
            Var::Ip => text::put(out, &scene.actor.address),
            Var::Request => out.extend_from_slice(&scene.request_id),
            Var::Now | Var::NowMillis | Var::Today | Var::American(_) | Var::Later(_) => {
                self.write_time(scene.time, out);
            }
            Var::Person => {
                let at = mix(scene.pick, 0xa1) % PEOPLE.len() as u64;
                text::put(out, PEOPLE[at as usize].name);
            }
            Var::IamUser => {
                let here = |user: &&IamUser| user.account == scene.account;
                let count = IAM_USERS.iter().filter(here).count().max(1) as u64;
                let at = mix(scene.pick, 0xa2) % count;
                // The security account has no IAM user, but somebody may ask after one.
                let user = IAM_USERS.iter().filter(here).nth(at as usize);
                text::put(out, user.unwrap_or(&IAM_USERS[0]).name);
            }
            Var::Object => write_object(scene.pick, scene.time, out),
            Var::Id(n) => stable_hex(out, scene.pick, *n),
            Var::StableUuid => stable_uuid(out, scene.pick),
            Var::Uuid => scene.dice.uuid(out),
            Var::Hex(n) => scene.dice.hex(out, *n),
            Var::Alnum(n) => scene.dice.alnum(out, *n),
            Var::Upper(n) => scene.dice.base32(out, *n),
            Var::Base64(n) => scene.dice.base64(out, *n),
            Var::Int(low, high) => text::int(out, u64::from(scene.dice.range(*low, *high))),
            Var::Private => write_private(scene, out),
            Var::Any(choices) => text::put(out, scene.dice.one::<&str>(choices)),
        }
    }

    fn write_time(&self, time: i64, out: &mut Vec<u8>) {
        match self {
            Var::Later(seconds) => text::iso(out, time + seconds),
            Var::American(seconds) => text::american(out, time + seconds),
            Var::Today => text::date(out, text::civil(time), "/"),
            Var::NowMillis => text::int(out, time.unsigned_abs() * 1000),
            _ => text::iso(out, time),
        }
    }
}

/// An address in the account's network: `10.`, the account and Region, then a host.
fn write_private(scene: &mut Scene<'_>, out: &mut Vec<u8>) {
    text::put(out, "10.");
    text::int(out, (scene.account * 16 + scene.region * 4) as u64 + 16);
    for _ in 0..2 {
        out.push(b'.');
        text::int(out, u64::from(scene.dice.range(1, 250)));
    }
}

/// An object's key, as applications make them: by date and by id, or by tenant.
pub(crate) fn write_object(pick: u64, time: i64, out: &mut Vec<u8>) {
    const ROOTS: [&str; 6] = ["uploads", "exports", "invoices", "events", "thumbnails", "reports"];
    const ENDS: [&str; 6] = [".jpg", ".csv.gz", ".pdf", ".parquet", ".json", ".webp"];
    let at = (mix(pick, 7) % 6) as usize;
    text::put(out, ROOTS[at]);
    text::put(out, "/tenant-");
    text::int(out, mix(pick, 8) % 9_000 + 1_000);
    out.push(b'/');
    text::date(out, text::civil(time), "/");
    out.push(b'/');
    stable_hex(out, mix(pick, 9), 24);
    text::put(out, ENDS[at]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Domain;

    fn filled(source: &'static str) -> String {
        let org = Org::new(1);
        let mut scene = Scene {
            org: &org,
            account: 1,
            region: 1,
            time: 1_773_774_847,
            actor: &Actor::service("ec2.amazonaws.com"),
            dice: &mut Dice::new(1, Domain::File, 0, 0),
            pick: 99,
            facts: &[("key", "AKIAEXAMPLE".to_owned())],
            request_id: b"abc".to_vec(),
        };
        let template = Template::parse(source).unwrap();
        text::written(|out| template.write(&mut scene, out))
    }

    #[test]
    fn a_resource_stays_the_same_within_a_record() {
        let both = filled("<instance> <instance> <other instance>");
        let parts: Vec<&str> = both.split(' ').collect();
        assert_eq!(parts[0], parts[1]);
        assert_ne!(parts[0], parts[2]);
        let fresh = filled("<hex 8> <hex 8>");
        let (first, second) = fresh.split_once(' ').unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn facts_and_context_are_filled_in() {
        assert_eq!(
            filled(r#"{"k":"<fact key>","a":"<account>","t":"<now>","r":"<request>"}"#),
            r#"{"k":"AKIAEXAMPLE","a":"444455556666","t":"2026-03-17T19:14:07Z","r":"abc"}"#
        );
    }

    #[test]
    fn unknown_placeholders_are_refused() {
        for bad in ["<nope>", "a <id x> b", "<unclosed", "<int 1>"] {
            assert!(matches!(Template::parse(bad), Err(SimError::Placeholder(_))), "{bad}");
        }
    }
}
