//! A request to the public shop, as the logs of the edge see it.

use crate::dice::{Dice, mix, stable_hex};
use crate::text::written;

/// One HTTP request.
pub(crate) struct Visit<'a> {
    pub(crate) time: i64,
    pub(crate) address: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) country: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) status: u32,
    pub(crate) bytes: u32,
}

const AGENTS: [&str; 7] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "MeridianShop/7.42.0 (iOS 18.3.2; build 20417)",
];

const COUNTRIES: [&str; 8] = ["DE", "GB", "US", "FR", "NL", "AU", "US", "SE"];

/// A customer: the same number, the same address and browser.
pub(crate) struct Customer {
    pub(crate) address: String,
    pub(crate) agent: &'static str,
    pub(crate) country: &'static str,
}

impl Customer {
    /// One of a few thousand regular customers.
    pub(crate) fn draw(dice: &mut Dice) -> Customer {
        let number = u64::from(dice.below(6_000));
        let bits = mix(number, 0xc0ffee);
        let address = match bits % 10 {
            0..3 => format!("203.0.113.{}", 128 + bits / 10 % 120),
            3..5 => format!("198.51.100.{}", 128 + bits / 10 % 120),
            5 => format!("192.0.2.{}", 200 + bits / 10 % 50),
            // IPv6 has room for a network of one's own.
            _ => written(|out| {
                out.extend_from_slice(b"2001:db8:");
                stable_hex(out, bits, 4);
                out.push(b':');
                stable_hex(out, bits ^ 1, 4);
                out.extend_from_slice(b"::");
                out.push(b'1' + (bits >> 60) as u8 % 9);
            }),
        };
        Customer {
            address,
            agent: AGENTS[(bits >> 8) as usize % AGENTS.len()],
            country: COUNTRIES[(bits >> 16) as usize % COUNTRIES.len()],
        }
    }
}

/// A page or asset of the shop, with its query.
pub(crate) fn page(dice: &mut Dice) -> (&'static str, String, String) {
    let number = dice.range(100_000, 999_999);
    match dice.below(10) {
        0 => ("GET", "/".to_owned(), String::new()),
        1 | 2 => ("GET", format!("/p/{number}"), format!("ref=mail-{}", dice.below(90))),
        3 => ("GET", "/search".to_owned(), format!("q=sku-{number}&page={}", dice.range(1, 9))),
        4 => ("POST", "/cart/items".to_owned(), String::new()),
        5 => ("GET", format!("/assets/{}.js", hex(dice, 16)), String::new()),
        6 => ("GET", format!("/assets/{}.css", hex(dice, 16)), String::new()),
        7 | 8 => ("GET", format!("/img/{number}/{}.webp", hex(dice, 12)), "w=640".to_owned()),
        _ => ("GET", format!("/c/{}", dice.range(10, 400)), "sort=new".to_owned()),
    }
}

/// Some hexadecimal digits as a string.
pub(crate) fn hex(dice: &mut Dice, n: usize) -> String {
    written(|out| dice.hex(out, n))
}
