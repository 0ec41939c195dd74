//! A query or a form whose names may come several times, as `status[]` does.

use crate::http::token_request::form_text;

/// Names and values in the order they came. What is badly encoded is left out.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads `name=value&…`.
    pub fn read(text: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((form_text(name)?, form_text(value)?))
        };
        Self { pairs: text.split('&').filter(|text| !text.is_empty()).filter_map(pair).collect() }
    }

    /// The first value of a name, in upper or lower case; none when it is empty.
    pub fn one(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Every value of a name, with or without `[]` behind it.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fits = |known: &str| known.strip_suffix("[]").unwrap_or(known).eq_ignore_ascii_case(name);
        self.pairs.iter().filter(|(known, _)| fits(known)).map(|(_, value)| value.as_str()).collect()
    }

    /// Every pair.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_any_case_and_several_times() {
        let query = Query::read("Top=5&status%5B%5D=new&status[]=open&empty=&x=a%3Db+c");
        assert_eq!(query.one("top"), Some("5"));
        assert_eq!(query.all("status"), ["new", "open"]);
        assert_eq!(query.one("empty"), None);
        assert_eq!(query.one("x"), Some("a=b c"));
    }
}
