//! How users type codes, addresses and numbers, and how Kratos wants to have them.
//!
//! Japanese input methods type ASCII in full width. Only that block of Unicode is folded here: a
//! full normalisation would make two user names one that are two to Kratos.

/// Whether a text holds what no keyboard types: a control character, or bytes that were not UTF-8.
pub(super) fn is_odd(text: &str) -> bool {
    let is_odd =
        |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
    text.chars().any(is_odd)
}

/// A code without the spaces and dashes that users put between its parts.
pub(super) fn code(typed: &str) -> String {
    let is_between = |c: char| {
        let is_dash = matches!(
            c,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff70}'
        );
        c.is_whitespace() || is_dash
    };
    let folded = typed.chars().map(narrow);
    folded.filter(|c| !is_between(*c)).collect()
}

/// A number in plain digits. What is no number stays as it is, for Kratos to refuse.
pub(super) fn number(typed: &str) -> String {
    let folded: String = typed.chars().map(narrow).collect();
    let folded = folded.trim();
    match folded.strip_prefix(['\u{2212}', '\u{30fc}', '\u{2015}']) {
        Some(rest) => format!("-{rest}"),
        None => folded.to_owned(),
    }
}

/// A text as it is sent: as it was typed, unless it is an address in full width or with spaces around it.
pub(super) fn text(typed: &str) -> String {
    let folded: String = typed.chars().map(narrow).collect();
    let address = folded.trim();
    if is_mail_address(address) || is_telephone_number(address) {
        return address.to_owned();
    }
    let number = plain_number(address);
    if is_telephone_number(&number) {
        return number;
    }
    lines(typed)
}

/// A telephone number with the dashes and spaces of a keyboard, and without the marks of direction
/// that telephones put around a number that is copied.
fn plain_number(text: &str) -> String {
    let is_mark = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let plain = |c: char| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff70}' => '-',
        '\u{a0}' => ' ',
        c => c,
    };
    let kept = text.chars().filter(|c| !is_mark(c)).map(plain);
    kept.collect::<String>().trim().to_owned()
}

/// A text in small letters as Kratos makes them: of letters that become several, Go's
/// `strings.ToLower` has the first.
pub fn lower_case(text: &str) -> String {
    let small = |letter: char| letter.to_lowercase().next();
    text.chars().filter_map(small).collect()
}

/// A text with its line breaks as Kratos stores them. Browsers send them in a spelling of their own
/// (HTML, "constructing the entry list").
pub(super) fn lines(typed: &str) -> String {
    typed.replace("\r\n", "\n")
}

/// The ASCII character that a full-width one stands for.
fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn is_mail_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    }) && !text.contains(char::is_whitespace)
}

/// Tells whether this is an international telephone number with nothing but separators in it.
pub fn is_telephone_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|rest| {
        rest.chars().all(|c| c.is_ascii_digit() || is_separator(c))
            && rest.contains(|c: char| c.is_ascii_digit())
    })
}

/// Whether this may stand between the digits of a telephone number.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_full_width_is_sent_in_plain_characters() {
        for (typed, sent) in [
            ("ｔａｒｏ＠ｘ．ｔｅｓｔ", "taro@x.test"),
            ("\u{3000}taro@x.test ", "taro@x.test"),
            ("太郎＠例え.jp", "太郎@例え.jp"),
            ("＋８１ ９０－１２３４", "+81 90-1234"),
            ("+81ー90ー1234", "+81-90-1234"),
            ("\u{202a}+81\u{a0}90\u{2011}1234\u{202c}", "+81 90-1234"),
        ] {
            assert_eq!(text(typed), sent);
        }
    }

    #[test]
    fn letters_are_small_as_kratos_makes_them() {
        // Of this letter Go makes one letter, and Unicode two.
        assert_eq!(lower_case("Jİro"), "jiro");
    }

    #[test]
    fn a_user_name_is_sent_as_it_was_typed() {
        for name in [
            "ＴＡＲＯ",
            "ﾀﾛｳ",
            "ﬁona",
            " taro ",
            "taro＠",
            "a b＠c",
            "Ⅳ",
            "x+81",
        ] {
            assert_eq!(text(name), name);
        }
    }

    #[test]
    fn a_code_and_a_number_are_sent_in_plain_characters() {
        assert_eq!(code(" １２３－４５ ６ー"), "123456");
        assert_eq!(code("ab\u{2013}CD"), "abCD");
        assert_eq!(number("ー１．５ "), "-1.5");
        assert_eq!(number("\u{2212}3"), "-3");
        assert_eq!(number("many"), "many");
    }

    #[test]
    fn what_no_keyboard_types_is_odd() {
        for text in ["\0", "a\u{1b}[0m", "\u{fffd}", "\u{80}"] {
            assert!(is_odd(text), "{text:?}");
        }
        for text in ["two\r\nlines\t", "é", "\u{fdfa}"] {
            assert!(!is_odd(text), "{text:?}");
        }
    }
}
