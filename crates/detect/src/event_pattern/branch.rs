//! A pattern without `$or`, as a tree of fields, and how it is held against an event.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::compare::{Test, TextTest};
use super::value::{EventValue, View};

/// The tests of one field: one that a value passes is enough.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    pub(super) tests: Vec<Test>,
    /// Whether `{"exists": false}` is among them: the field may be absent.
    pub(super) absent: bool,
}

/// The fields of a pattern by path.
pub(super) type Fields = BTreeMap<Vec<String>, Arc<Leaf>>;

/// A leaf with its path, or what is left of it, and its number in the branch.
type Located<'a> = (&'a [String], usize, &'a Arc<Leaf>);

/// One branch of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    root: Node,
}

/// Fields below one object.
#[derive(Clone, Debug, Default)]
struct Node {
    children: Vec<Child>,
    /// Leaves below here that may be absent, and that nothing before them ties to an element of an
    /// array: then they have to be absent from all its elements.
    untied: Vec<(usize, Vec<String>)>,
}

#[derive(Clone, Debug)]
struct Child {
    name: String,
    /// The leaf's number in the branch, and the leaf.
    leaf: Option<(usize, Arc<Leaf>)>,
    node: Option<Node>,
}

/// Deepest nesting of arrays in arrays that is looked into.
const MAX_DEPTH: usize = 128;

impl Branch {
    pub(super) fn new(fields: &Fields) -> Branch {
        let mut leaves: Vec<Located<'_>> =
            fields.iter().enumerate().map(|(id, (path, leaf))| (path.as_slice(), id, leaf)).collect();
        // The order in which Event Ruler tries fields: by the path as one text.
        leaves.sort_by_cached_key(|(path, ..)| path.join("."));
        Branch { root: Node::new(&leaves, 0) }
    }

    pub(super) fn matches<V: EventValue>(&self, event: &V) -> bool {
        self.root.matches(Some(event), &[])
    }

    /// The texts that the field has to be equal to one of, if that is all it is held against.
    pub(super) fn exact_texts(&self, path: &[&str]) -> Option<Vec<&str>> {
        let texts = self.text_leaf(path)?.tests.iter().map(|test| match test {
            Test::Text(TextTest::Equals(text)) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The leaf at the path, if only a text passes it.
    pub(super) fn text_leaf(&self, path: &[&str]) -> Option<&Arc<Leaf>> {
        let (last, parents) = path.split_last()?;
        let parent = parents.iter().try_fold(&self.root, |node, name| node.child(name)?.node.as_ref())?;
        let (_, leaf) = parent.child(last)?.leaf.as_ref()?;
        (!leaf.absent && leaf.tests.iter().all(|test| matches!(test, Test::Text(_)))).then_some(leaf)
    }
}

impl Node {
    /// From leaves that have the first `depth` steps in common, in the order of trial.
    fn new(leaves: &[Located<'_>], depth: usize) -> Node {
        let mut groups: Vec<(&String, Vec<Located<'_>>)> = Vec::new();
        for leaf in leaves {
            let Some(name) = leaf.0.get(depth) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, group)) => group.push(*leaf),
                None => groups.push((name, vec![*leaf])),
            }
        }
        let children = groups.into_iter().map(|(name, group)| {
            let (own, below): (Vec<_>, Vec<_>) =
                group.into_iter().partition(|leaf| leaf.0.len() == depth + 1);
            Child {
                name: name.clone(),
                leaf: own.first().map(|(_, id, leaf)| (*id, Arc::clone(leaf))),
                node: (!below.is_empty()).then(|| Node::new(&below, depth + 1)),
            }
        });
        let first_tied = leaves.iter().position(|(.., leaf)| !leaf.tests.is_empty()).unwrap_or(leaves.len());
        let untied = leaves
            .iter()
            .take(first_tied + 1)
            .filter(|(.., leaf)| leaf.absent)
            .map(|(path, id, _)| (*id, path[depth..].to_vec()))
            .collect();
        Node { children: children.collect(), untied }
    }

    fn child(&self, name: &str) -> Option<&Child> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Whether all fields below match in this object. `refuted` holds the numbers of leaves whose field
    /// is known to be there.
    fn matches<V: EventValue>(&self, object: Option<&V>, refuted: &[usize]) -> bool {
        self.children.iter().all(|child| {
            let value = object.and_then(|object| field(object, &child.name));
            child.leaf.as_ref().is_none_or(|(id, leaf)| leaf.matches(value, refuted.contains(id)))
                && child.node.as_ref().is_none_or(|node| node.matches_below(value, refuted))
        })
    }

    /// The same, where the value may be an array of objects: then one of them has to match in full.
    fn matches_below<V: EventValue>(&self, value: Option<&V>, refuted: &[usize]) -> bool {
        let Some(value) = value else { return self.matches::<V>(None, refuted) };
        match value.view() {
            View::Object => self.matches(Some(value), refuted),
            View::List(list) => {
                let mut objects = Vec::new();
                collect_objects(list, &mut objects, 0);
                if objects.is_empty() {
                    return self.matches::<V>(None, refuted);
                }
                let refuted = self.refute(&objects, refuted);
                objects.into_iter().any(|object| self.matches(Some(object), &refuted))
            }
            // A scalar has no fields.
            _ => self.matches::<V>(None, refuted),
        }
    }

    /// Adds the fields that one of the elements has.
    fn refute<'a, V: EventValue>(&self, objects: &[&V], refuted: &'a [usize]) -> Cow<'a, [usize]> {
        let mut refuted = Cow::Borrowed(refuted);
        for (id, path) in &self.untied {
            if !refuted.contains(id) && objects.iter().any(|object| has_leaf(*object, path, 0)) {
                refuted.to_mut().push(*id);
            }
        }
        refuted
    }
}

impl Leaf {
    /// Whether a text passes.
    pub(super) fn takes_text(&self, text: &str) -> bool {
        self.tests.iter().any(|test| test.takes(&View::<serde_json::Value>::Text(text)))
    }

    fn matches<V: EventValue>(&self, value: Option<&V>, refuted: bool) -> bool {
        let mut present = false;
        let passes = value.is_some_and(|value| {
            any_scalar(value, 0, &mut |scalar| {
                present = true;
                self.tests.iter().any(|test| test.takes(scalar))
            })
        });
        passes || self.absent && !present && !refuted
    }
}

/// A field of an object. A name with dots may also be written as a path, as in Event Ruler.
fn field<'a, V: EventValue>(object: &'a V, name: &str) -> Option<&'a V> {
    if let Some(value) = object.member(name) {
        return Some(value);
    }
    if !name.contains('.') {
        return None;
    }
    name.split('.').try_fold(object, |object, step| object.member(step))
}

/// Whether a scalar among these passes: the value, or the values of an array. Objects are not values:
/// a field that holds one counts as absent.
fn any_scalar<V: EventValue>(value: &V, depth: usize, passes: &mut impl FnMut(&View<'_, V>) -> bool) -> bool {
    match value.view() {
        View::Object => false,
        View::List(_) if depth >= MAX_DEPTH => false,
        View::List(list) => list.iter().any(|value| any_scalar(value, depth + 1, passes)),
        scalar => passes(&scalar),
    }
}

fn collect_objects<'a, V: EventValue>(list: &'a [V], objects: &mut Vec<&'a V>, depth: usize) {
    for value in list {
        match value.view() {
            View::Object => objects.push(value),
            View::List(inner) if depth < MAX_DEPTH => collect_objects(inner, objects, depth + 1),
            _ => {}
        }
    }
}

/// Whether there is a scalar at the end of the path, through whatever arrays.
fn has_leaf<V: EventValue>(value: &V, path: &[String], depth: usize) -> bool {
    if let View::List(list) = value.view() {
        return depth < MAX_DEPTH && list.iter().any(|value| has_leaf(value, path, depth + 1));
    }
    match path.split_first() {
        None => !matches!(value.view(), View::Object),
        Some((name, rest)) => field(value, name).is_some_and(|value| has_leaf(value, rest, depth)),
    }
}
