//! Joining pages into one output.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::operation::Pages;

/// More pages than any account has; a listing that goes on has no end.
const MAX_PAGES: usize = 10_000;

/// An output that grows page by page.
#[derive(Debug)]
pub(super) struct Joined {
    pages: Pages,
    output: Option<Value>,
    tokens: HashSet<String>,
}

impl Joined {
    pub(super) fn new(pages: Pages) -> Self {
        Self { pages, output: None, tokens: HashSet::new() }
    }

    /// Takes a page in, and gives the token of the next; why there can be none otherwise, in words.
    pub(super) fn add(&mut self, mut page: Value) -> Result<Option<Value>, String> {
        let token = at(&page, self.pages.output).cloned();
        let token = token.filter(|token| token.as_str().map_or(!token.is_null(), |text| !text.is_empty()));
        let more = self.pages.more.is_none_or(|path| at(&page, path).is_some_and(is_true));
        for path in [Some(self.pages.output), self.pages.more].into_iter().flatten() {
            remove(&mut page, path);
        }
        match &mut self.output {
            None => self.output = Some(page),
            Some(output) => self.pages.items.iter().for_each(|path| append(output, &mut page, path)),
        }
        let Some(token) = token.filter(|_| more) else { return Ok(None) };
        if !self.tokens.insert(token.to_string()) {
            return Err("the same page was announced twice, so the pages have no end".to_owned());
        }
        if self.tokens.len() >= MAX_PAGES {
            return Err(format!("there are more than {MAX_PAGES} pages"));
        }
        Ok(Some(token))
    }

    pub(super) fn output(self) -> Value {
        self.output.unwrap_or_else(|| Value::Object(Map::new()))
    }
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or(value == "true")
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(value, |value, name| value.get_mut(name))
}

fn remove(value: &mut Value, path: &str) {
    let (parent, name) = match path.rsplit_once('.') {
        Some((parent, name)) => (at_mut(value, parent), name),
        None => (Some(value), path),
    };
    if let Some(members) = parent.and_then(Value::as_object_mut) {
        members.shift_remove(name);
    }
}

/// Moves the list at `path` of `page` to the end of that of `output`.
fn append(output: &mut Value, page: &mut Value, path: &str) {
    let Some(Value::Array(new)) = at_mut(page, path).map(Value::take) else { return };
    if let Some(Value::Array(items)) = at_mut(output, path) {
        items.extend(new);
        return;
    }
    let mut place = output;
    for name in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[name];
    }
    *place = Value::Array(new);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn join(pages: Pages, answers: Vec<Value>) -> (Vec<Value>, Value) {
        let mut joined = Joined::new(pages);
        let tokens = answers.into_iter().filter_map(|page| joined.add(page).unwrap()).collect();
        (tokens, joined.output())
    }

    #[test]
    fn pages_are_joined_without_their_tokens() {
        let (tokens, output) = join(
            Pages::new("NextToken", "NextToken", &["Topics", "Late"]),
            vec![
                json!({"Topics": [1], "Kept": true, "NextToken": "a"}),
                json!({"Topics": [2], "Late": ["x"], "NextToken": "b"}),
                json!({"NextToken": ""}),
            ],
        );
        assert_eq!(tokens, ["a", "b"]);
        assert_eq!(output, json!({"Topics": [1, 2], "Kept": true, "Late": ["x"]}));
    }

    #[test]
    fn nested_lists_and_a_flag_for_more() {
        let pages = Pages::new("Marker", "L.NextMarker", &["L.Items"]).more("L.IsTruncated");
        let (tokens, output) = join(
            pages,
            vec![
                json!({"L": {"IsTruncated": true, "NextMarker": "a"}}),
                json!({"L": {"Items": [1], "IsTruncated": false, "NextMarker": "b"}}),
            ],
        );
        assert_eq!(tokens, ["a"]);
        assert_eq!(output, json!({"L": {"Items": [1]}}));
    }

    #[test]
    fn endless_pages_are_refused() {
        let pages = Pages::new("t", "t", &["i"]);
        let mut circle = Joined::new(pages);
        circle.add(json!({"t": "a"})).unwrap();
        circle.add(json!({"t": "b"})).unwrap();
        assert!(circle.add(json!({"t": "a"})).unwrap_err().contains("no end"));

        let mut long = Joined::new(pages);
        let error = (0..MAX_PAGES).find_map(|page| long.add(json!({"t": page})).err());
        assert!(error.unwrap().contains("more than 10000 pages"));
    }
}
