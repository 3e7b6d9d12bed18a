//! Plain text in pieces, so that a page can make its addresses clickable.

/// A piece of plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// Words.
    Words(String),
    /// An `http:` or `https:` address.
    Address(String),
}

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Punctuation that ends a sentence, not an address standing in it.
const SENTENCE_ENDS: [char; 8] = ['.', ',', ';', ':', '!', '?', ')', '\''];

/// Splits `text` at its addresses; put together, the pieces are `text` again.
#[must_use]
pub fn split_addresses(text: &str) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((words, address, after)) = next_address(rest) {
        if !words.is_empty() {
            parts.push(TextPart::Words(words.to_owned()));
        }
        parts.push(TextPart::Address(address.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(TextPart::Words(rest.to_owned()));
    }
    parts
}

/// The text before the first address, the address, and the text after it.
fn next_address(text: &str) -> Option<(&str, &str, &str)> {
    let start = SCHEMES.iter().filter_map(|scheme| text.find(scheme)).min()?;
    let (words, from_address) = text.split_at(start);
    let end = from_address
        .find(|c: char| c.is_whitespace() || c.is_control() || r#"<>""#.contains(c))
        .unwrap_or(from_address.len());
    let (whole, _) = from_address.split_at(end);
    let address = whole.trim_end_matches(SENTENCE_ENDS);
    let (_, after) = from_address.split_at(address.len());
    Some((words, address, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        let parts = split_addresses(text).into_iter();
        parts
            .filter_map(|part| match part {
                TextPart::Address(address) => Some(address),
                TextPart::Words(_) => None,
            })
            .collect()
    }

    #[test]
    fn an_address_ends_where_the_sentence_does() {
        let cases = [
            ("See https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&z=2"),
            ("(http://a.example/é)", "http://a.example/é"),
            ("<https://a.example>", "https://a.example"),
            ("https://a.example\nhello", "https://a.example"),
        ];
        for (text, address) in cases {
            assert_eq!(addresses(text), [address], "{text}");
        }
    }

    #[test]
    fn other_schemes_stay_words() {
        assert!(addresses("javascript:alert(1) data:text/html,x ftp://x").is_empty());
    }

    #[test]
    fn nothing_is_lost_between_the_pieces() {
        let texts = [
            "",
            "no address",
            "http:// https://",
            "a https://b c http://d.",
            "https://a,https://b",
        ];
        for text in texts {
            let whole: String = split_addresses(text)
                .into_iter()
                .map(|part| match part {
                    TextPart::Words(text) | TextPart::Address(text) => text,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }
}
