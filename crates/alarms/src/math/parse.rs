//! Reading an expression.

use trailkeep_detect::pattern::PatternError;

use crate::math::expression::{Function, Node, Op, Word};
use crate::scan::{Scanner, too_much};

/// The longest expression, in characters.
const LONGEST: usize = 2048;
/// Parentheses, brackets and signs within one another.
const DEEPEST: usize = 48;

/// Functions of CloudWatch that need its own catalogues, and why they are not here.
const REFUSED: [(&str, &str); 6] = [
    ("SEARCH", "SEARCH gives as many series as it finds, and an alarm watches one"),
    (
        "SERVICE_QUOTA",
        "SERVICE_QUOTA asks the service for a quota, which is not known here; write the number",
    ),
    ("INSIGHT_RULE_METRIC", "INSIGHT_RULE_METRIC reads Contributor Insights, which is not known here"),
    ("INSIGHT_RULE", "INSIGHT_RULE reads Contributor Insights, which is not known here"),
    ("DB_PERF_INSIGHTS", "DB_PERF_INSIGHTS reads Performance Insights, which is not known here"),
    ("LAMBDA", "LAMBDA calls a function of the account, which is not done here"),
];

struct Parser<'t> {
    scan: Scanner<'t>,
    depth: usize,
}

pub(crate) fn parse(text: &str) -> Result<Node, PatternError> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err(too_much(format!("{length} characters"), format!("an expression of at most {LONGEST}")));
    }
    let mut parser = Parser { scan: Scanner::new(text), depth: 0 };
    parser.scan.skip_space();
    if parser.scan.word().eq_ignore_ascii_case("SELECT") {
        return Err(parser.scan.error(
            "a math expression; Metrics Insights queries read CloudWatch's own catalogue of metrics",
        ));
    }
    let root = parser.any()?;
    parser.scan.skip_space();
    if parser.scan.peek().is_some() {
        return Err(parser.scan.error("an operator, or the end of the expression"));
    }
    Ok(root)
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Node, PatternError> {
        let mut left = self.all()?;
        while self.scan.eat_word("OR") || self.scan.eat("||") {
            left = binary(Op::Or, left, self.all()?);
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Node, PatternError> {
        let mut left = self.comparison()?;
        while self.scan.eat_word("AND") || self.scan.eat("&&") {
            left = binary(Op::And, left, self.comparison()?);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Node, PatternError> {
        const SIGNS: [(&str, Op); 6] = [
            ("==", Op::Equal),
            ("!=", Op::NotEqual),
            ("<=", Op::LessOrEqual),
            (">=", Op::GreaterOrEqual),
            ("<", Op::Less),
            (">", Op::Greater),
        ];
        let mut left = self.sum()?;
        while let Some((_, op)) = SIGNS.iter().find(|(sign, _)| self.scan.eat(sign)) {
            left = binary(*op, left, self.sum()?);
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Node, PatternError> {
        let mut left = self.product()?;
        loop {
            let op = if self.scan.eat("+") {
                Op::Add
            } else if self.scan.eat("-") {
                Op::Subtract
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Node, PatternError> {
        let mut left = self.signed()?;
        loop {
            let op = if self.scan.eat("*") {
                Op::Multiply
            } else if self.scan.eat("/") {
                Op::Divide
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.signed()?);
        }
    }

    /// One more within another; all ways down lead through here.
    fn signed(&mut self) -> Result<Node, PatternError> {
        if self.depth >= DEEPEST {
            return Err(self
                .scan
                .error(format!("at most {DEEPEST} parentheses, brackets and signs within one another")));
        }
        self.depth += 1;
        let node = if self.scan.eat("-") {
            Node::Negative(Box::new(self.signed()?))
        } else if self.scan.eat("+") {
            self.signed()?
        } else {
            let base = self.primary()?;
            if self.scan.eat("^") { binary(Op::Power, base, self.signed()?) } else { base }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, PatternError> {
        if self.scan.eat("(") {
            let node = self.any()?;
            self.scan.expect(")", "an operator, or a closing parenthesis")?;
            return Ok(node);
        }
        if self.scan.eat("[") {
            return self.list("]", "a comma, or a closing bracket").map(Node::List);
        }
        match self.scan.peek() {
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_ascii_lowercase() => {
                let id = self.scan.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                Ok(Node::Id(id.to_owned()))
            }
            Some(c) if c.is_ascii_uppercase() => self.call(),
            _ => Err(self
                .scan
                .error("a number, the Id of an entry, a function, a list in brackets, or a parenthesis")),
        }
    }

    fn number(&mut self) -> Result<Node, PatternError> {
        let here = self.scan.clone();
        let mut text = self.scan.take_while(|c| c.is_ascii_digit() || c == '.').to_owned();
        if self.scan.rest().starts_with(['e', 'E']) {
            self.scan.bump();
            text.push('e');
            if let Some(sign) = self.scan.peek().filter(|c| matches!(c, '+' | '-')) {
                self.scan.bump();
                text.push(sign);
            }
            text.push_str(self.scan.take_while(|c| c.is_ascii_digit()));
        }
        let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Node::Number).ok_or_else(|| here.error("a number, like 5, 0.25 or 1e6"))
    }

    fn call(&mut self) -> Result<Node, PatternError> {
        let here = self.scan.clone();
        let name = self.scan.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            return Err(here.error(format!("a function that works without CloudWatch: {why}")));
        }
        let Some(function) = Function::named(name) else {
            let all: Vec<&str> = Function::ALL.iter().map(|(name, _)| *name).collect();
            return Err(here.error(format!("a function: one of {}", all.join(", "))));
        };
        self.scan.expect("(", "an opening parenthesis with the function's arguments")?;
        let arguments = self.list(")", "a comma, or a closing parenthesis")?;
        let (least, most) = function.arguments();
        if !(least..=most).contains(&arguments.len()) {
            let count = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(here.error(format!("{name} with {count} arguments; there are {}", arguments.len())));
        }
        words_in_place(function, &arguments).map_err(|expected| here.error(expected))?;
        Ok(Node::Call(function, arguments))
    }

    /// What stands between parentheses or brackets, of which the first is read already.
    fn list(&mut self, end: &str, expected: &str) -> Result<Vec<Node>, PatternError> {
        let mut nodes = Vec::new();
        if self.scan.eat(end) {
            return Ok(nodes);
        }
        loop {
            nodes.push(self.argument()?);
            if self.scan.eat(end) {
                return Ok(nodes);
            }
            self.scan.expect(",", expected)?;
        }
    }

    /// An expression, a text, or a word. Where the last two make sense is checked by their function.
    fn argument(&mut self) -> Result<Node, PatternError> {
        self.scan.skip_space();
        for quote in ['"', '\''] {
            if self.scan.peek() == Some(quote) {
                self.scan.bump();
                let text = self.scan.take_while(|c| c != quote).to_owned();
                return if self.scan.bump().is_some() {
                    Ok(Node::Text(text))
                } else {
                    Err(self.scan.error("a closing quote"))
                };
            }
        }
        if let Some(word) = Word::named(self.scan.word()) {
            let mut after = self.scan.clone();
            after.eat_word(word.name());
            if !after.eat("(") {
                self.scan.eat_word(word.name());
                return Ok(Node::Word(word));
            }
        }
        self.any()
    }
}

/// Texts and words are arguments of few functions, in few places.
fn words_in_place(function: Function, arguments: &[Node]) -> Result<(), String> {
    for (place, argument) in arguments.iter().enumerate() {
        let fits = match (function, place, argument) {
            (Function::Metrics, 0, Node::Text(_)) => true,
            (Function::Metrics, ..) => false,
            (Function::Fill, 1, Node::Word(word)) => matches!(word, Word::Repeat | Word::Linear),
            (Function::Sort, 1, Node::Word(word)) => {
                matches!(word, Word::Average | Word::Minimum | Word::Maximum | Word::Sum)
            }
            (Function::Sort, 2, Node::Word(word)) => matches!(word, Word::Ascending | Word::Descending),
            (Function::Sort, 1 | 2, _) => false,
            (_, _, Node::Text(_) | Node::Word(_)) => false,
            _ => true,
        };
        if !fits {
            return Err(match function {
                Function::Metrics => "METRICS() or METRICS(\"part of an Id\")".to_owned(),
                Function::Sort => {
                    "SORT(list, AVG|MIN|MAX|SUM, ASC|DESC) or with a limit as the fourth argument".to_owned()
                }
                Function::Fill => "FILL(series, number|REPEAT|LINEAR)".to_owned(),
                other => format!("{} of series and numbers", other.name()),
            });
        }
    }
    Ok(())
}

fn binary(op: Op, left: Node, right: Node) -> Node {
    Node::Binary(op, Box::new(left), Box::new(right))
}
