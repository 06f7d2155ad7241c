//! A document as a tree of elements, without namespaces, comments and attributes.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// AWS's answers are not this deep; a hostile one may be.
const MAX_DEPTH: usize = 64;

/// An element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// Its own text, without that of its children.
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// The root of a document; what is wrong with it otherwise, in words.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let mut reader = Reader::from_reader(body);
        let mut open: Vec<Self> = Vec::new();
        loop {
            let event = reader.read_event().map_err(|error| format!("it is no XML ({error})"))?;
            let closed = match event {
                Event::Start(tag) if open.len() >= MAX_DEPTH => {
                    return Err(format!("<{}> is nested too deeply", name(&tag)));
                }
                Event::Start(tag) => {
                    open.push(Self::start(&tag));
                    continue;
                }
                Event::Empty(tag) => Some(Self::start(&tag)),
                Event::End(_) => open.pop(),
                Event::Text(text) => {
                    push_text(&mut open, &text.decode().map_err(|error| error.to_string())?);
                    None
                }
                Event::CData(text) => {
                    push_text(&mut open, &text.decode().map_err(|error| error.to_string())?);
                    None
                }
                Event::GeneralRef(reference) => {
                    push_text(&mut open, &resolve(&reference)?);
                    None
                }
                Event::Eof => return Err("it is no XML document, or ends early".to_owned()),
                _ => None,
            };
            let Some(closed) = closed else { continue };
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => return Ok(closed),
            }
        }
    }

    /// An element whose content is yet to come. S3 tells what a grantee is in `xsi:type`, which
    /// the AWS CLI prints as a member.
    fn start(tag: &BytesStart<'_>) -> Self {
        let mut node = Self { name: name(tag), ..Self::default() };
        for attribute in tag.attributes().flatten() {
            if attribute.key.as_ref() == b"xsi:type" {
                let text = String::from_utf8_lossy(&attribute.value).into_owned();
                node.children.push(Self { name: "Type".to_owned(), text, children: vec![] });
            }
        }
        node
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// The element itself or the first one below it of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

fn name(tag: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(tag.local_name().as_ref()).into_owned()
}

fn push_text(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

/// Character references and XML's five entities; a document type of its own is not read, so
/// others mean nothing.
fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    let unknown = || format!("it has an unknown entity ({})", String::from_utf8_lossy(reference));
    if let Some(character) = reference.resolve_char_ref().map_err(|_| unknown())? {
        return Ok(character.to_string());
    }
    let name = reference.decode().map_err(|_| unknown())?;
    resolve_xml_entity(&name).map(str::to_owned).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_its_namespaces() {
        let body = "<?xml version=\"1.0\"?>\n<a:R xmlns:a=\"urn:x\">\n <!-- c --><b>x &lt;&#65;&amp; <![CDATA[<y>]]></b>\n <e/>\n</a:R>";
        let node = Node::parse(body.as_bytes()).unwrap();
        assert_eq!(node.name, "R");
        assert_eq!(node.text_of("b"), Some("x <A& <y>"));
        assert_eq!(node.child("e"), Some(&Node { name: "e".to_owned(), ..Node::default() }));
        assert!(node.find("e").is_some() && node.find("z").is_none());
    }

    #[test]
    fn what_is_no_document_is_told() {
        for (body, words) in [
            ("", "no XML document"),
            ("hello", "no XML document"),
            ("<a><b></a>", "no XML"),
            ("<a>", "ends early"),
            ("<a>&evil;</a>", "unknown entity (evil)"),
            ("<a>&#0;</a>", "unknown entity"),
            (&"<a>".repeat(100_000), "too deeply"),
        ] {
            let error = Node::parse(body.as_bytes()).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn entities_of_a_hostile_document_type_are_not_expanded() {
        let body = "<!DOCTYPE a [<!ENTITY x \"boom\">]><a>&x;</a>";
        assert!(Node::parse(body.as_bytes()).is_err());
    }
}
