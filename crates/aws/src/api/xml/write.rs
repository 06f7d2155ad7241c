//! A request document, its elements in the order that the service wants.

use quick_xml::escape::escape;
use serde_json::Value;

use crate::api::operation::{Content, Element};
use crate::api::text::scalar;

/// The document of `value`; what of it has no place otherwise, in words.
pub(crate) fn document(root: &Element, namespace: &str, value: &Value) -> Result<String, String> {
    let mut out = String::with_capacity(256);
    let attribute =
        if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{}\"", escape(namespace)) };
    open(&mut out, root.name, &attribute);
    content(&mut out, root, value)?;
    close(&mut out, root.name);
    Ok(out)
}

fn content(out: &mut String, element: &Element, value: &Value) -> Result<(), String> {
    match element.content {
        Content::Text => {
            let text = scalar(value).ok_or_else(|| wrong(element, "a text, number or boolean"))?;
            out.push_str(&escape(text));
            Ok(())
        }
        Content::Struct(children) => {
            let members = value.as_object().ok_or_else(|| wrong(element, "an object"))?;
            if let Some(stray) = members.keys().find(|key| children.iter().all(|child| child.member != **key))
            {
                return Err(format!("{} has no member {stray}", element.member));
            }
            let given = |child: &Element| members.get(child.member).filter(|value| !value.is_null()).cloned();
            children.iter().try_for_each(|child| match given(child) {
                Some(value) => member(out, child, &value),
                None => Ok(()),
            })
        }
        // The root is never a list side by side.
        Content::Each(item) | Content::List(item) => items(out, element, item, value),
    }
}

fn member(out: &mut String, element: &Element, value: &Value) -> Result<(), String> {
    if let Content::Each(item) = element.content {
        return items(out, element, item, value);
    }
    open(out, element.name, "");
    content(out, element, value)?;
    close(out, element.name);
    Ok(())
}

fn items(out: &mut String, element: &Element, item: &Element, value: &Value) -> Result<(), String> {
    let values = value.as_array().ok_or_else(|| wrong(element, "a list"))?;
    values.iter().try_for_each(|value| member(out, item, value))
}

fn wrong(element: &Element, wanted: &str) -> String {
    format!("{} must be {wanted}", element.member)
}

fn open(out: &mut String, name: &str, attributes: &str) {
    out.push('<');
    out.push_str(name);
    out.push_str(attributes);
    out.push('>');
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROOT: Element = Element::node(
        "Conf",
        &[
            Element::text("First"),
            Element::each("Rules", &Element::node("Rule", &[Element::text("Id"), Element::text("On")])),
            Element::list("Grants", &Element::text("Grant")),
        ],
    );

    #[test]
    fn elements_stand_in_the_order_of_the_template() {
        let value = json!({
            "Grants": ["a&b", "<c>"], "Rules": [{"On": true, "Id": 1}, {"Id": "x"}], "First": null,
        });
        assert_eq!(
            document(&ROOT, "urn:x", &value).unwrap(),
            "<Conf xmlns=\"urn:x\"><Rule><Id>1</Id><On>true</On></Rule><Rule><Id>x</Id></Rule>\
             <Grants><Grant>a&amp;b</Grant><Grant>&lt;c&gt;</Grant></Grants></Conf>"
        );
    }

    #[test]
    fn what_has_no_place_is_told() {
        for (value, words) in [
            (json!({"Rules": [{"Ix": 1}]}), "Rule has no member Ix"),
            (json!({"Rules": {"Id": 1}}), "Rules must be a list"),
            (json!({"First": []}), "First must be a text"),
            (json!("x"), "Conf must be an object"),
        ] {
            assert!(document(&ROOT, "", &value).unwrap_err().contains(words), "{value}");
        }
    }
}
