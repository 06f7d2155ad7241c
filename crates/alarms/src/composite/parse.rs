//! Reading an `AlarmRule`.

use crate::AlarmState;
use crate::composite::RuleError;
use crate::composite::rule::{MOST_CHILDREN, MOST_ELEMENTS, Need, Node};
use crate::scan::{Scanner, too_much};

/// Parentheses and NOTs within one another.
const DEEPEST: usize = 64;
/// The longest name or ARN, in characters.
const LONGEST_NAME: usize = 1600;

struct Parser<'t> {
    scan: Scanner<'t>,
    children: Vec<String>,
    elements: usize,
    depth: usize,
}

pub(crate) fn parse(text: &str) -> Result<(Vec<String>, Node), RuleError> {
    let mut parser = Parser { scan: Scanner::new(text), children: Vec::new(), elements: 0, depth: 0 };
    let root = parser.any()?;
    parser.scan.skip_space();
    if parser.scan.peek().is_some() {
        return Err(parser.scan.error("AND, OR, or the end of the rule"));
    }
    Ok((parser.children, root))
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Node, RuleError> {
        let mut nodes = vec![self.all()?];
        while self.scan.eat_word("OR") {
            self.element()?;
            nodes.push(self.all()?);
        }
        Ok(one_or(nodes, Node::Any))
    }

    fn all(&mut self) -> Result<Node, RuleError> {
        let mut nodes = vec![self.unary()?];
        while self.scan.eat_word("AND") {
            self.element()?;
            nodes.push(self.unary()?);
        }
        Ok(one_or(nodes, Node::All))
    }

    fn unary(&mut self) -> Result<Node, RuleError> {
        if self.depth >= DEEPEST {
            return Err(self
                .scan
                .error(format!("at most {DEEPEST} parentheses and NOTs within one another")));
        }
        self.depth += 1;
        let node = if self.scan.eat_word("NOT") {
            self.element()?;
            Node::Not(Box::new(self.unary()?))
        } else if self.scan.eat("(") {
            let node = self.any()?;
            self.scan.expect(")", "AND, OR, or a closing parenthesis")?;
            node
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, RuleError> {
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.scan.eat_word(word) {
                self.element()?;
                return Ok(Node::Constant(value));
            }
        }
        if self.scan.eat_word("AT_LEAST") {
            return self.at_least();
        }
        let Some(state) = self.state() else {
            let expected =
                "ALARM(…), OK(…), INSUFFICIENT_DATA(…), AT_LEAST(…), TRUE, FALSE, NOT, or a parenthesis";
            return Err(self.scan.error(expected));
        };
        self.scan.expect("(", "an opening parenthesis, with the name or ARN of an alarm")?;
        let child = self.child(&[')'])?;
        self.scan.expect(")", "a closing parenthesis")?;
        Ok(Node::Is { state, child })
    }

    fn state(&mut self) -> Option<AlarmState> {
        AlarmState::ALL.into_iter().find(|state| self.scan.eat_word(state.as_str()))
    }

    /// `AT_LEAST(2, NOT OK, (a, b, c))`, of which the name is read already.
    fn at_least(&mut self) -> Result<Node, RuleError> {
        self.scan.expect("(", "an opening parenthesis")?;
        let need = self.need()?;
        self.scan.expect(",", "a comma")?;
        let negated = self.scan.eat_word("NOT");
        let Some(state) = self.state() else {
            return Err(self.scan.error("ALARM, OK or INSUFFICIENT_DATA, with or without NOT"));
        };
        self.scan.expect(",", "a comma")?;
        self.scan.expect("(", "a list of alarms in parentheses")?;
        let mut children = vec![self.child(&[',', ')'])?];
        while self.scan.eat(",") {
            children.push(self.child(&[',', ')'])?);
        }
        self.scan.expect(")", "a comma, or a closing parenthesis after the last alarm")?;
        self.scan.expect(")", "a closing parenthesis")?;
        if let Need::Count(count) = need
            && count as usize > children.len()
        {
            return Err(self
                .scan
                .error(format!("at least {count} alarms in the list; there are {}", children.len())));
        }
        Ok(Node::AtLeast { need, state, negated, children })
    }

    fn need(&mut self) -> Result<Need, RuleError> {
        const EXPECTED: &str = "a number of alarms above zero, or a share like 50%";
        let quoted = self.scan.eat("\"");
        self.scan.skip_space();
        let here = self.scan.clone();
        let digits = self.scan.take_while(|c| c.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| *number > 0).ok_or_else(|| here.error(EXPECTED))?;
        let need = match self.scan.eat("%") {
            true if number <= 100 => Need::Percent(number),
            true => return Err(here.error("a share of at most 100%")),
            false => Need::Count(number),
        };
        if quoted {
            self.scan.expect("\"", "a closing quote")?;
        }
        Ok(need)
    }

    /// A name or ARN, up to one of `ends` where it has no quotes.
    fn child(&mut self, ends: &[char]) -> Result<usize, RuleError> {
        self.scan.skip_space();
        let here = self.scan.clone();
        let name = if self.scan.eat("\"") {
            self.quoted()?
        } else {
            let text = self.scan.take_while(|c| !ends.contains(&c) && !matches!(c, '(' | '"'));
            text.trim_end().to_owned()
        };
        if name.is_empty() {
            return Err(here.error("the name or ARN of an alarm"));
        }
        if name.chars().count() > LONGEST_NAME {
            return Err(here.error(format!("a name or ARN of at most {LONGEST_NAME} characters")));
        }
        self.element()?;
        if let Some(index) = self.children.iter().position(|child| *child == name) {
            return Ok(index);
        }
        if self.children.len() >= MOST_CHILDREN {
            return Err(here.error(format!("at most {MOST_CHILDREN} alarms in a rule")));
        }
        self.children.push(name);
        Ok(self.children.len() - 1)
    }

    /// The rest of a text in quotes; `\"` and `\\` stand for themselves.
    fn quoted(&mut self) -> Result<String, RuleError> {
        let mut name = String::new();
        loop {
            match self.scan.bump() {
                None => return Err(self.scan.error("a closing quote")),
                Some('"') => return Ok(name),
                Some('\\') => match self.scan.bump() {
                    Some(c @ ('"' | '\\')) => name.push(c),
                    Some(c) => name.extend(['\\', c]),
                    None => return Err(self.scan.error("a closing quote")),
                },
                Some(c) => name.push(c),
            }
        }
    }

    fn element(&mut self) -> Result<(), RuleError> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            let expected = format!("at most {MOST_ELEMENTS}: alarms, TRUE and FALSE, and operators");
            return Err(too_much(format!("more than {MOST_ELEMENTS} elements"), expected));
        }
        Ok(())
    }
}

fn one_or(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => many(nodes),
    }
}
