//! [`Operation`]: one call of a service's API, described by what the wire needs and no more.

use std::fmt;

use super::Service;

/// One operation. The catalogue under [`super::services`] has a static of this type for each.
pub struct Operation {
    /// The service it belongs to.
    pub service: &'static Service,
    /// Name in the API: `DescribeTrails`.
    pub name: &'static str,
    /// IAM action that it needs: `cloudtrail:DescribeTrails`.
    pub action: &'static str,
    /// Method, path and where members of the input travel. `POST /` except for REST services.
    pub http: Http,
    /// How its answers are continued, where they are.
    pub pages: Option<Pages>,
    /// What the wire does not tell about the members.
    pub hints: Hints,
}

impl Operation {
    /// An operation whose whole input travels in the body of `POST /`.
    #[must_use]
    pub const fn new(service: &'static Service, name: &'static str, action: &'static str) -> Self {
        Self { service, name, action, http: Http::POST, pages: None, hints: Hints::NONE }
    }

    /// Of a REST service.
    #[must_use]
    pub const fn http(mut self, http: Http) -> Self {
        self.http = http;
        self
    }

    /// Is answered in pages.
    #[must_use]
    pub const fn pages(mut self, pages: Pages) -> Self {
        self.pages = Some(pages);
        self
    }

    /// Has members that need explaining.
    #[must_use]
    pub const fn hints(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// `cloudtrail:DescribeTrails`, the key of its answers in an inventory.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.service.id, self.name)
    }
}

impl fmt::Debug for Operation {
    /// The name tells all: the rest is in the catalogue.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// Pairs of names that differ.
pub type Names = &'static [(&'static str, &'static str)];

/// How a REST operation travels.
#[derive(Debug, Clone, Copy)]
pub struct Http {
    /// `GET`, `POST`, `PUT`, `DELETE`, `PATCH` or `HEAD`.
    pub method: &'static str,
    /// Path with a `{Member}` for each member that stands in it (`{Member+}`: slashes stay), and
    /// what is fixed of the query string: `/{Bucket}?policyStatus`.
    pub uri: &'static str,
    /// Members that go into the query string, with their names there.
    pub query: Names,
    /// Members that go into headers, with their names there.
    pub headers: Names,
    /// Headers of the answer, with the members they become.
    pub answer_headers: Names,
    /// What the body of the request is made of.
    pub body: Body,
    /// The member that the whole body of the answer is, if it is one member.
    pub answer: Answer,
}

impl Http {
    /// `POST /`, everything in the body.
    pub const POST: Self = Self::new("POST", "/");

    /// A request whose members outside of the path are its body.
    #[must_use]
    pub const fn new(method: &'static str, uri: &'static str) -> Self {
        Self {
            method,
            uri,
            query: &[],
            headers: &[],
            answer_headers: &[],
            body: Body::Rest,
            answer: Answer::Members,
        }
    }

    /// Members in the query string.
    #[must_use]
    pub const fn query(mut self, names: Names) -> Self {
        self.query = names;
        self
    }

    /// Members in headers.
    #[must_use]
    pub const fn headers(mut self, names: Names) -> Self {
        self.headers = names;
        self
    }

    /// Headers of the answer that become members.
    #[must_use]
    pub const fn answer_headers(mut self, names: Names) -> Self {
        self.answer_headers = names;
        self
    }

    /// What the body is made of.
    #[must_use]
    pub const fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// What the body of the answer is.
    #[must_use]
    pub const fn answer(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }
}

/// What the body of a request is made of.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// All members that have no other place.
    Rest,
    /// The text of one member, as it is.
    Text(&'static str),
    /// One member, as JSON.
    Member(&'static str),
    /// One member, written as this document.
    Xml {
        /// The member.
        member: &'static str,
        /// Namespace of the document.
        namespace: &'static str,
        /// Its root; order and names of what is in it.
        root: Element,
    },
}

/// What the body of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The output's members.
    Members,
    /// Nothing: whatever is there is not looked at.
    Nothing,
    /// One member, with what is in the document.
    Member(&'static str),
    /// One member, the text of the document's root; null when it has none.
    Root(&'static str),
    /// One member, the body as it is.
    Text(&'static str),
}

/// An element of a request document: XML services want elements in their order.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// Name in the document.
    pub name: &'static str,
    /// Name of the member.
    pub member: &'static str,
    /// What is in it.
    pub content: Content,
}

/// What is in an [`Element`].
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// A text, number or boolean.
    Text,
    /// Members, in this order.
    Struct(&'static [Element]),
    /// The member is a list; this element stands once for each of its items.
    Each(&'static Element),
    /// The member is a list; this element holds one of the other for each of its items.
    List(&'static Element),
}

impl Element {
    /// A text, number or boolean.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self { name, member: name, content: Content::Text }
    }

    /// Members in order.
    #[must_use]
    pub const fn node(name: &'static str, children: &'static [Self]) -> Self {
        Self { name, member: name, content: Content::Struct(children) }
    }

    /// A list whose items are elements side by side: `<Rule/><Rule/>` for `Rules`.
    #[must_use]
    pub const fn each(member: &'static str, item: &'static Self) -> Self {
        Self { name: item.name, member, content: Content::Each(item) }
    }

    /// A list in an element of its own: `<TargetGrants><Grant/></TargetGrants>`.
    #[must_use]
    pub const fn list(name: &'static str, item: &'static Self) -> Self {
        Self { name, member: name, content: Content::List(item) }
    }

    /// The member has another name than the element.
    #[must_use]
    pub const fn member(mut self, member: &'static str) -> Self {
        self.member = member;
        self
    }
}

/// How an operation's answers are continued. Paths have dots: `DistributionList.Items`.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// Member of the input that takes the token.
    pub input: &'static str,
    /// Path of the token in the output.
    pub output: &'static str,
    /// Paths of the lists that are joined.
    pub items: &'static [&'static str],
    /// Path of a boolean that says whether there is more, where the token alone does not.
    pub more: Option<&'static str>,
}

impl Pages {
    /// Pages that end with the one that has no token.
    #[must_use]
    pub const fn new(input: &'static str, output: &'static str, items: &'static [&'static str]) -> Self {
        Self { input, output, items, more: None }
    }

    /// The member `path` says whether there is more.
    #[must_use]
    pub const fn more(mut self, path: &'static str) -> Self {
        self.more = Some(path);
        self
    }
}

/// What the wire does not tell about members. Names of the answer are those on the wire, at any
/// depth.
#[derive(Debug, Clone, Copy)]
pub struct Hints {
    /// Answer, XML: elements whose every child is an item, so that an empty one is an empty list.
    /// (Children called `member` or `item` make a list without this.)
    pub lists: &'static [&'static str],
    /// Answer, XML: elements that are items of a list side by side, with the list's member.
    pub flat: Names,
    /// Members with keys of their own: maps, whose keys and values are left as they are.
    pub maps: &'static [&'static str],
    /// Answer, XML: elements that are numbers.
    pub numbers: &'static [&'static str],
    /// Answer, JSON: members that are seconds since 1970 on the wire and dates for a reader.
    pub times: &'static [&'static str],
    /// Answer: name on the wire, name of the member.
    pub renames: Names,
    /// Input, form: member and its name on the wire.
    pub sends: Names,
    /// Input, form: list members whose items stand under a name other than `member`; an empty
    /// name for lists whose items are numbered at once (`X.1`).
    pub items: Names,
}

impl Hints {
    /// Nothing to explain.
    pub const NONE: Self = Self {
        lists: &[],
        flat: &[],
        maps: &[],
        numbers: &[],
        times: &[],
        renames: &[],
        sends: &[],
        items: &[],
    };
}
