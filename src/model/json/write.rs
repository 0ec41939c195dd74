//! How values are written: without blanks, byte for byte as `serde_json` writes them.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use serde_json::{Map, Number, Value};

/// A value that is written as JSON.
pub trait ToJson {
    /// Writes the value.
    fn to_json(&self, json: &mut Writer);
}

/// A text that is being written.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    /// The tag and the name with which the next object begins.
    tag: Option<(&'static str, &'static str)>,
}

impl Writer {
    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }

    /// Begins an object or a list.
    pub fn begin(&mut self, bracket: char) {
        self.text.push(bracket);
        if let Some((tag, name)) = self.tag.take() {
            self.key(tag);
            self.text(name);
        }
    }

    /// Ends an object or a list.
    pub fn end(&mut self, bracket: char) {
        self.text.push(bracket);
    }

    /// The key of the value that follows.
    pub fn key(&mut self, key: &str) {
        self.separate();
        self.text(key);
        self.text.push(':');
    }

    /// A list of values.
    pub fn list<'v, T: ToJson + 'v>(&mut self, items: impl IntoIterator<Item = &'v T>) {
        self.begin('[');
        for item in items {
            self.separate();
            item.to_json(self);
        }
        self.end(']');
    }

    /// An object of keys and values.
    pub fn map<'v, V: ToJson + 'v>(&mut self, entries: impl IntoIterator<Item = (&'v String, &'v V)>) {
        self.begin('{');
        for (key, value) in entries {
            self.key(key);
            value.to_json(self);
        }
        self.end('}');
    }

    /// The next object begins with the name of its variant.
    pub fn tag(&mut self, tag: &'static str, name: &'static str) {
        self.tag = Some((tag, name));
    }

    /// Begins an object of the name of a variant and its content, which follows.
    pub fn begin_adjacent(&mut self, tag: &'static str, name: &'static str, content: &'static str) {
        self.tag(tag, name);
        self.begin('{');
        self.key(content);
    }

    /// An object: its names with blanks between, and the value of each that is not left out.
    pub fn object(&mut self, names: &str, values: &[Option<&dyn ToJson>]) {
        self.begin('{');
        for (name, value) in names.split(' ').zip(values) {
            if let Some(value) = value {
                self.key(name);
                value.to_json(self);
            }
        }
        self.end('}');
    }

    /// A text in quotes.
    pub fn text(&mut self, text: &str) {
        self.text.push('"');
        let mut plain = 0;
        for (place, byte) in text.bytes().enumerate() {
            let short = match byte {
                b'"' => '"',
                b'\\' => '\\',
                b'\n' => 'n',
                b'\r' => 'r',
                b'\t' => 't',
                8 => 'b',
                12 => 'f',
                0..32 => 'u',
                _ => continue,
            };
            self.text.push_str(&text[plain..place]);
            self.text.push('\\');
            self.text.push(short);
            if short == 'u' {
                self.plain(format_args!("{byte:04x}"));
            }
            plain = place + 1;
        }
        self.text.push_str(&text[plain..]);
        self.text.push('"');
    }

    /// A comma before every key and item but the first. A text that ends in a bracket ends in a quote first.
    fn separate(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn plain(&mut self, words: std::fmt::Arguments<'_>) {
        // A text takes everything.
        let _ = self.text.write_fmt(words);
    }
}

/// A value with the function that writes it.
pub struct With<'v, T>(pub &'v T, pub fn(&T, &mut Writer));

impl<T> ToJson for With<'_, T> {
    fn to_json(&self, json: &mut Writer) {
        self.1(self.0, json);
    }
}

macro_rules! whole {
    ($($number:ty as $wide:ty),*) => {
        $(impl ToJson for $number {
            fn to_json(&self, json: &mut Writer) {
                json.plain(format_args!("{}", *self as $wide));
            }
        })*
    };
}

whole!(u8 as u64, u16 as u64, u32 as u64, u64 as u64, usize as u64, i64 as i64);

impl ToJson for f64 {
    fn to_json(&self, json: &mut Writer) {
        match Number::from_f64(*self) {
            Some(number) => json.plain(format_args!("{number}")),
            None => json.plain(format_args!("null")),
        }
    }
}

impl ToJson for bool {
    fn to_json(&self, json: &mut Writer) {
        json.text.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for str {
    fn to_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl ToJson for String {
    fn to_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl ToJson for Cow<'_, str> {
    fn to_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn to_json(&self, json: &mut Writer) {
        (**self).to_json(json);
    }
}

impl<T: ToJson + ?Sized> ToJson for Box<T> {
    fn to_json(&self, json: &mut Writer) {
        (**self).to_json(json);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self, json: &mut Writer) {
        match self {
            Some(value) => value.to_json(json),
            None => json.text.push_str("null"),
        }
    }
}

impl<T: ToJson> ToJson for [T] {
    fn to_json(&self, json: &mut Writer) {
        json.list(self);
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn to_json(&self, json: &mut Writer) {
        self.as_slice().to_json(json);
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self, json: &mut Writer) {
        self.as_slice().to_json(json);
    }
}

impl<T: ToJson> ToJson for VecDeque<T> {
    fn to_json(&self, json: &mut Writer) {
        json.list(self);
    }
}

impl<A: ToJson, B: ToJson> ToJson for (A, B) {
    fn to_json(&self, json: &mut Writer) {
        let items: [&dyn ToJson; 2] = [&self.0, &self.1];
        items.to_json(json);
    }
}

impl<A: ToJson, B: ToJson, C: ToJson> ToJson for (A, B, C) {
    fn to_json(&self, json: &mut Writer) {
        let items: [&dyn ToJson; 3] = [&self.0, &self.1, &self.2];
        items.to_json(json);
    }
}

impl<V: ToJson> ToJson for BTreeMap<String, V> {
    fn to_json(&self, json: &mut Writer) {
        json.map(self);
    }
}

impl ToJson for Value {
    fn to_json(&self, json: &mut Writer) {
        match self {
            Value::Null => json.text.push_str("null"),
            Value::Bool(flag) => flag.to_json(json),
            Value::Number(number) => json.plain(format_args!("{number}")),
            Value::String(text) => json.text(text),
            Value::Array(items) => items.to_json(json),
            Value::Object(entries) => entries.to_json(json),
        }
    }
}

impl ToJson for Map<String, Value> {
    fn to_json(&self, json: &mut Writer) {
        json.map(self);
    }
}
