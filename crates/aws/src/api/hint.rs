//! Looking names up among hints. A hint is a name (`Rule`), or one below a parent (`And/Tag`).

use super::operation::Names;

fn fits(hint: &str, parent: &str, name: &str) -> bool {
    match hint.split_once('/') {
        Some((above, below)) => above == parent && below == name,
        None => hint == name,
    }
}

pub(super) fn knows(hints: &[&str], parent: &str, name: &str) -> bool {
    hints.iter().any(|hint| fits(hint, parent, name))
}

pub(super) fn lookup(hints: Names, parent: &str, name: &str) -> Option<&'static str> {
    hints.iter().find(|(hint, _)| fits(hint, parent, name)).map(|&(_, value)| value)
}
