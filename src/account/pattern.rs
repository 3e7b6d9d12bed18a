//! Regular expressions that administrators write and that run on every change of
//! a user. They match the whole text, in time that grows with text and pattern
//! and no faster: none can be made that takes for ever.
//!
//! A part of Java's syntax, which Keycloak takes: characters and escapes, `.`,
//! classes, groups, `|`, `*`, `+`, `?`, `{n,m}`, `^` and `$`. What is not here
//! (references, looking ahead or behind, flags, possessive quantifiers, set
//! operations) is refused, never passed over.
use std::iter::Peekable;
use std::str::Chars;

/// Longest pattern, in characters.
pub const MAX_PATTERN_CHARS: usize = 1000;

/// Most steps that a pattern may come to when its repetitions are written out.
pub const MAX_PATTERN_STEPS: usize = 2000;

/// Longest text that is looked at, in characters; a longer one does not match.
pub const MAX_MATCHED_CHARS: usize = 10_000;

/// How deep groups may stand in groups.
const MAX_DEPTH: u8 = 50;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Not written as a pattern is.
    #[error("the pattern is malformed: {0}")]
    Malformed(&'static str),
    /// A part of Java's syntax that we do not have.
    #[error("the pattern uses what is not supported here: {0}")]
    Unsupported(&'static str),
    /// Too long, or too much when it is written out.
    #[error(
        "the pattern is longer than {MAX_PATTERN_CHARS} characters (MAX_PATTERN_CHARS) or \
         {MAX_PATTERN_STEPS} steps (MAX_PATTERN_STEPS)"
    )]
    TooLong,
}

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Step>);

/// A step of the machine that matches.
#[derive(Clone, Debug)]
enum Step {
    One(Set),
    Split(usize, usize),
    Jump(usize),
    Start,
    End,
}

/// Which characters fit.
#[derive(Clone, Debug)]
struct Set {
    negated: bool,
    items: Vec<Item>,
}

#[derive(Clone, Copy, Debug)]
enum Item {
    Range(char, char),
    Class(fn(char) -> bool),
    NotClass(fn(char) -> bool),
}

/// What was read.
#[derive(Debug)]
enum Node {
    One(Set),
    All(Vec<Node>),
    Any(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
    Start,
    End,
}

impl Set {
    fn of(item: Item) -> Self {
        Self { negated: false, items: vec![item] }
    }

    fn has(&self, c: char) -> bool {
        let fits = |item: &Item| match *item {
            Item::Range(first, last) => (first..=last).contains(&c),
            Item::Class(class) => class(c),
            Item::NotClass(class) => !class(c),
        };
        self.items.iter().any(fits) != self.negated
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// As [`BadPattern`] says.
    pub fn read(text: &str) -> Result<Self, BadPattern> {
        if text.chars().count() > MAX_PATTERN_CHARS {
            return Err(BadPattern::TooLong);
        }
        let mut reader = Reader { rest: text.chars().peekable(), depth: 0 };
        let node = reader.any()?;
        if reader.rest.next().is_some() {
            return Err(BadPattern::Malformed("a ) without its ("));
        }
        let mut steps = Vec::new();
        write(&node, &mut steps)?;
        Ok(Self(steps))
    }

    /// Whether the whole of `text` fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().take(MAX_MATCHED_CHARS + 1).collect();
        if chars.len() > MAX_MATCHED_CHARS {
            return false;
        }
        let mut here = Places::new(self.0.len());
        self.reach(0, &mut here, (0, chars.len()));
        for (at, c) in chars.iter().enumerate() {
            let mut next = Places::new(self.0.len());
            for place in here.list {
                if matches!(self.0.get(place), Some(Step::One(set)) if set.has(*c)) {
                    self.reach(place + 1, &mut next, (at + 1, chars.len()));
                }
            }
            here = next;
        }
        here.list.contains(&self.0.len())
    }

    /// Every step that can be at without another character.
    fn reach(&self, start: usize, places: &mut Places, (at, end): (usize, usize)) {
        let mut open = vec![start];
        while let Some(place) = open.pop() {
            if !places.add(place) {
                continue;
            }
            match self.0.get(place) {
                Some(Step::Jump(to)) => open.push(*to),
                Some(Step::Split(one, other)) => open.extend([*one, *other]),
                Some(Step::Start) if at == 0 => open.push(place + 1),
                Some(Step::End) if at == end => open.push(place + 1),
                Some(Step::Start | Step::End | Step::One(_)) | None => {}
            }
        }
    }
}

/// Steps, each once.
struct Places {
    seen: Vec<bool>,
    list: Vec<usize>,
}

impl Places {
    fn new(steps: usize) -> Self {
        Self { seen: vec![false; steps + 1], list: Vec::new() }
    }

    /// Adds a step, unless it is there.
    fn add(&mut self, place: usize) -> bool {
        match self.seen.get_mut(place) {
            Some(seen) if !*seen => {
                *seen = true;
                self.list.push(place);
                true
            }
            _ => false,
        }
    }
}

/// Writes the steps of `node` behind those that are there.
fn write(node: &Node, steps: &mut Vec<Step>) -> Result<(), BadPattern> {
    if steps.len() > MAX_PATTERN_STEPS {
        return Err(BadPattern::TooLong);
    }
    match node {
        Node::One(set) => steps.push(Step::One(set.clone())),
        Node::Start => steps.push(Step::Start),
        Node::End => steps.push(Step::End),
        Node::All(nodes) => nodes.iter().try_for_each(|node| write(node, steps))?,
        Node::Any(nodes) => write_any(nodes, steps)?,
        Node::Repeat(node, min, max) => write_repeat(node, (*min, *max), steps)?,
    }
    if steps.len() > MAX_PATTERN_STEPS { Err(BadPattern::TooLong) } else { Ok(()) }
}

fn write_any(nodes: &[Node], steps: &mut Vec<Step>) -> Result<(), BadPattern> {
    let Some((last, others)) = nodes.split_last() else { return Ok(()) };
    let mut jumps = Vec::new();
    for node in others {
        let split = steps.len();
        steps.push(Step::Split(split + 1, split + 1));
        write(node, steps)?;
        jumps.push(steps.len());
        steps.push(Step::Jump(0));
        let behind = steps.len();
        put(steps, split, Step::Split(split + 1, behind));
    }
    write(last, steps)?;
    let end = steps.len();
    for jump in jumps {
        put(steps, jump, Step::Jump(end));
    }
    Ok(())
}

fn write_repeat(
    node: &Node,
    (min, max): (u32, Option<u32>),
    steps: &mut Vec<Step>,
) -> Result<(), BadPattern> {
    for _ in 0..min {
        write(node, steps)?;
    }
    let Some(max) = max else {
        let split = steps.len();
        steps.push(Step::Jump(split + 1));
        write(node, steps)?;
        steps.push(Step::Jump(split));
        let behind = steps.len();
        put(steps, split, Step::Split(split + 1, behind));
        return Ok(());
    };
    let mut splits = Vec::new();
    for _ in min..max {
        splits.push(steps.len());
        steps.push(Step::Jump(0));
        write(node, steps)?;
    }
    let end = steps.len();
    for split in splits {
        put(steps, split, Step::Split(split + 1, end));
    }
    Ok(())
}

fn put(steps: &mut [Step], place: usize, step: Step) {
    if let Some(there) = steps.get_mut(place) {
        *there = step;
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    depth: u8,
}

impl Reader<'_> {
    fn takes(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    /// Alternatives, up to the end or a `)`.
    fn any(&mut self) -> Result<Node, BadPattern> {
        let mut nodes = vec![self.all()?];
        while self.takes('|') {
            nodes.push(self.all()?);
        }
        Ok(Node::Any(nodes))
    }

    fn all(&mut self) -> Result<Node, BadPattern> {
        let mut nodes = Vec::new();
        while self.rest.peek().is_some_and(|c| !matches!(c, '|' | ')')) {
            let node = self.one()?;
            nodes.push(self.repeated(node)?);
        }
        Ok(Node::All(nodes))
    }

    fn one(&mut self) -> Result<Node, BadPattern> {
        match self.rest.next() {
            None => Err(BadPattern::Malformed("it ends too early")),
            Some('(') => self.group(),
            Some('[') => Ok(Node::One(self.class()?)),
            Some('.') => Ok(Node::One(Set { negated: true, items: vec![Item::Class(ends_line)] })),
            Some('^') => Ok(Node::Start),
            Some('$') => Ok(Node::End),
            Some('\\') => Ok(Node::One(Set::of(self.escape()?))),
            Some('*' | '+' | '?') => Err(BadPattern::Malformed("a repetition of nothing")),
            Some('{') => Err(BadPattern::Malformed("a { without what is repeated")),
            Some(c) => Ok(Node::One(Set::of(Item::Range(c, c)))),
        }
    }

    fn group(&mut self) -> Result<Node, BadPattern> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(BadPattern::TooLong);
        }
        if self.takes('?') && !self.takes(':') {
            return Err(BadPattern::Unsupported("looking ahead or behind, names and flags"));
        }
        let node = self.any()?;
        self.depth = self.depth.saturating_sub(1);
        if self.takes(')') { Ok(node) } else { Err(BadPattern::Malformed("a ( without its )")) }
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node, BadPattern> {
        loop {
            let (min, max) = match self.rest.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => self.bounds()?,
                _ => return Ok(node),
            };
            // The closing brace, or the one character.
            self.rest.next();
            if self.takes('+') {
                return Err(BadPattern::Unsupported("a possessive quantifier"));
            }
            // How much is taken first makes no difference to the whole.
            self.takes('?');
            node = Node::Repeat(Box::new(node), min, max);
        }
    }

    /// The numbers of `{n}`, `{n,}` and `{n,m}`; the brace behind them is next.
    fn bounds(&mut self) -> Result<(u32, Option<u32>), BadPattern> {
        const BAD: BadPattern = BadPattern::Malformed("between { and } stand numbers");
        self.rest.next();
        let min = self.number().ok_or(BAD)?;
        let max = if self.takes(',') { self.number() } else { Some(min) };
        let is_closed = self.rest.peek() == Some(&'}');
        if is_closed && max.is_none_or(|max| min <= max) { Ok((min, max)) } else { Err(BAD) }
    }

    fn number(&mut self) -> Option<u32> {
        let mut text = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            text.push(digit);
        }
        text.parse().ok()
    }

    fn class(&mut self) -> Result<Set, BadPattern> {
        let negated = self.takes('^');
        let mut items = Vec::new();
        loop {
            let item = match self.rest.next() {
                None => return Err(BadPattern::Malformed("a [ without its ]")),
                Some(']') if items.is_empty() => {
                    return Err(BadPattern::Malformed("[] holds nothing"));
                }
                Some(']') => return Ok(Set { negated, items }),
                Some('[') => return Err(BadPattern::Unsupported("a class in a class")),
                Some('&') if self.rest.peek() == Some(&'&') => {
                    return Err(BadPattern::Unsupported("&& in a class"));
                }
                Some('\\') => self.escape()?,
                Some(c) => Item::Range(c, c),
            };
            items.push(self.ranged(item)?);
        }
    }

    /// `a-z`, when `first` is a character and a `-` follows that is not the last.
    fn ranged(&mut self, first: Item) -> Result<Item, BadPattern> {
        const BAD: BadPattern = BadPattern::Malformed("a range that goes nowhere");
        let Item::Range(first, _) = first else { return Ok(first) };
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('-') || matches!(ahead.peek(), Some(']') | None) {
            return Ok(Item::Range(first, first));
        }
        self.rest.next();
        let last = match self.rest.next() {
            Some('\\') => self.escape()?,
            Some('[') => return Err(BadPattern::Unsupported("a class in a class")),
            Some(c) => Item::Range(c, c),
            None => return Err(BAD),
        };
        match last {
            Item::Range(last, _) if first <= last => Ok(Item::Range(first, last)),
            _ => Err(BAD),
        }
    }

    fn escape(&mut self) -> Result<Item, BadPattern> {
        let c = self.rest.next().ok_or(BadPattern::Malformed("it ends with a \\"))?;
        let exactly = |c: char| Ok(Item::Range(c, c));
        match c {
            'd' => Ok(Item::Class(is_digit)),
            'D' => Ok(Item::NotClass(is_digit)),
            'w' => Ok(Item::Class(is_word)),
            'W' => Ok(Item::NotClass(is_word)),
            's' => Ok(Item::Class(is_space)),
            'S' => Ok(Item::NotClass(is_space)),
            'p' => Ok(Item::Class(self.property()?)),
            'P' => Ok(Item::NotClass(self.property()?)),
            't' => exactly('\t'),
            'n' => exactly('\n'),
            'r' => exactly('\r'),
            'x' => self.hexadecimal(2),
            'u' => self.hexadecimal(4),
            _ if c.is_ascii_alphanumeric() => Err(BadPattern::Unsupported(
                "an escape that is none of \\d \\w \\s \\p \\t \\n \\r",
            )),
            _ => exactly(c),
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<Item, BadPattern> {
        let text: String = self.rest.by_ref().take(digits).collect();
        let is_whole = text.len() == digits && text.chars().all(|c| c.is_ascii_hexdigit());
        let code = u32::from_str_radix(&text, 16).ok().filter(|_| is_whole);
        let c = code.and_then(char::from_u32);
        let c = c.ok_or(BadPattern::Malformed("\\x and \\u name a character by its number"))?;
        Ok(Item::Range(c, c))
    }

    fn property(&mut self) -> Result<fn(char) -> bool, BadPattern> {
        let mut name = String::new();
        if self.takes('{') {
            loop {
                match self.rest.next() {
                    Some('}') => break,
                    Some(c) => name.push(c),
                    None => return Err(BadPattern::Malformed("a { without its }")),
                }
            }
        } else {
            name.extend(self.rest.next());
        }
        match name.as_str() {
            "L" | "IsL" | "IsAlphabetic" | "IsLetter" => Ok(char::is_alphabetic),
            "Lu" | "IsLu" | "IsUppercase" => Ok(char::is_uppercase),
            "Ll" | "IsLl" | "IsLowercase" => Ok(char::is_lowercase),
            "N" | "IsN" | "Nd" | "IsDigit" => Ok(char::is_numeric),
            "IsWhite_Space" => Ok(char::is_whitespace),
            "Alpha" => Ok(|c| c.is_ascii_alphabetic()),
            "Digit" => Ok(is_digit),
            "Alnum" => Ok(|c| c.is_ascii_alphanumeric()),
            "Upper" => Ok(|c| c.is_ascii_uppercase()),
            "Lower" => Ok(|c| c.is_ascii_lowercase()),
            "Punct" => Ok(|c| c.is_ascii_punctuation()),
            "Space" => Ok(is_space),
            "ASCII" => Ok(|c| c.is_ascii()),
            _ => Err(BadPattern::Unsupported("a property of characters that is not known here")),
        }
    }
}

/// What Java's `.` does not take.
const fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// ASCII, as Java's `\d` without a flag.
const fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(text)
    }

    #[test]
    fn a_pattern_fits_the_whole_text() {
        let known: &[(&str, &[&str], &[&str])] = &[
            ("", &[""], &["a"]),
            ("abc", &["abc"], &["ab", "abcd", "xabc", ""]),
            ("a|bc|", &["a", "bc", ""], &["abc", "b"]),
            ("(?:a|b)*c", &["c", "abac"], &["ab", "abd"]),
            ("a+b?", &["a", "aab"], &["b", "abb", ""]),
            ("a{2}", &["aa"], &["a", "aaa"]),
            ("a{2,}", &["aa", "aaaaa"], &["a"]),
            ("a{0,2}", &["", "a", "aa"], &["aaa"]),
            ("(ab){2,3}?", &["abab", "ababab"], &["ab", "abababab"]),
            ("[a-c_-]+", &["abc", "a-_"], &["d", ""]),
            ("[^a-c]", &["d", "ä"], &["a", "dd", ""]),
            ("[\\w.]+@x\\.org", &["a.b_1@x.org"], &["a@xyorg", "ä@x.org"]),
            ("\\d{3}-\\d+", &["123-4"], &["12-4", "123-"]),
            ("^\\S+$", &["abc"], &["a c", ""]),
            ("a^b", &[], &["ab", "a^b"]),
            ("(^a|b$)+", &["a", "b", "ab"], &["ba"]),
            (".", &["a", "ä", "\u{1F600}"], &["", "\n", "ab"]),
            ("\\.\\*\\(\\[\\\\", &[".*([\\"], &["aaaaa"]),
            ("\\x41\\u00e4", &["Aä"], &["A"]),
            ("\\p{L}+\\P{L}", &["Äb1"], &["Äb", "1"]),
            ("[\\p{Alpha}\\d]+", &["a1"], &["ä"]),
            ("[a\\-z]+", &["a-z"], &["b"]),
            ("a**", &["", "aaa"], &["b"]),
            ("(a*)*b", &["b", "aab"], &["a"]),
        ];
        for (pattern, fit, do_not) in known {
            for text in *fit {
                assert!(matches(pattern, text), "{pattern} fits {text:?}");
            }
            for text in *do_not {
                assert!(!matches(pattern, text), "{pattern} does not fit {text:?}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let malformed = [
            "(", ")", "a)", "[a", "[]", "*a", "a{", "a{x}", "a{3,2}", "\\", "[b-a]", "\\xg1",
            "\\p{",
        ];
        for pattern in malformed {
            let read = Pattern::read(pattern);
            assert!(matches!(read, Err(BadPattern::Malformed(_))), "{pattern}: {read:?}");
        }
        let unsupported = [
            "(?=a)",
            "(?!a)b",
            "(?<n>a)",
            "(?i)a",
            "(a)\\1",
            "a++",
            "[a&&b]",
            "[a[b]]",
            "\\bword",
            "\\p{IsGreek}",
            "\\Q.\\E",
            "\\R",
        ];
        for pattern in unsupported {
            let read = Pattern::read(pattern);
            assert!(matches!(read, Err(BadPattern::Unsupported(_))), "{pattern}: {read:?}");
        }
        let long = [
            "a".repeat(MAX_PATTERN_CHARS + 1),
            "a{3000}".to_owned(),
            "((a{50}){50}){50}".to_owned(),
            "(".repeat(60),
        ];
        for pattern in long {
            assert_eq!(Pattern::read(&pattern).err(), Some(BadPattern::TooLong), "{pattern:.20}");
        }
    }

    /// Patterns on which a matcher that tries one way after the other takes for
    /// ever.
    #[test]
    fn no_pattern_takes_for_ever() {
        let text = "a".repeat(MAX_MATCHED_CHARS - 1) + "!";
        for pattern in ["(a+)+", "(a|a)*", "(a|aa)+", "(.*)*(.*)*(.*)*b", "a?{30}a{30}"] {
            assert!(!matches(pattern, &text), "{pattern}");
        }
        assert!(matches("a*", &"a".repeat(MAX_MATCHED_CHARS)));
        assert!(!matches("a*", &"a".repeat(MAX_MATCHED_CHARS + 1)));
    }
}
