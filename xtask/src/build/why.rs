//! Where the bytes of a module are: by section, by the crate of the code, by generic and by function.
//!
//! The module is the one that ships, but for names that are kept. A generic counts with all its copies, because each type
//! that it is used with makes one.

use super::size::grouped;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Lines of each list. What follows is summed up in the list's last line.
const LISTED: usize = 40;

/// One function of the module.
struct Function {
    name: String,
    bytes: usize,
}

/// Crates and functions counted together.
#[derive(Default, Clone, Copy)]
struct Share {
    bytes: usize,
    functions: usize,
}

/// The lists, as text.
pub fn report(module: &Path) -> Result<String> {
    let bytes = std::fs::read(module).with_context(|| format!("reading {}", module.display()))?;
    let (sections, functions) = read(&bytes)?;
    let mut text = String::new();
    list(&mut text, "section", sections, |section| section);
    let by = |key: fn(&str) -> String| {
        let mut shares: BTreeMap<String, Share> = BTreeMap::new();
        for function in &functions {
            let share = shares.entry(key(&function.name)).or_default();
            share.bytes += function.bytes;
            share.functions += 1;
        }
        shares
    };
    list(&mut text, "crate", by(|name| crate_of(name).to_owned()), |name| name);
    list(&mut text, "generic, all copies", by(without_arguments), |name| name);
    list(&mut text, "function", by(str::to_owned), |name| name);
    Ok(text)
}

/// The sections by size, and each function of the code with its name.
fn read(module: &[u8]) -> Result<(BTreeMap<String, Share>, Vec<Function>)> {
    let mut sections: BTreeMap<String, Share> = BTreeMap::new();
    let (mut sizes, mut names, mut imported) = (Vec::new(), BTreeMap::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Some((id, range)) = payload.as_section() {
            sections.entry(section(id).to_owned()).or_default().bytes += usize::try_from(range.end - range.start)?;
        }
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.as_bytes().len()),
            Payload::CustomSection(custom) => {
                let KnownCustom::Name(parts) = custom.as_known() else { continue };
                for part in parts {
                    let Name::Function(functions) = part? else { continue };
                    for function in functions {
                        let function = function?;
                        names.insert(function.index, format!("{:#}", rustc_demangle::demangle(function.name)));
                    }
                }
            }
            _ => {}
        }
    }
    let named = |(index, bytes): (u32, usize)| Function {
        name: names.get(&(index + imported)).cloned().unwrap_or_else(|| "without a name".to_owned()),
        bytes,
    };
    Ok((sections, (0..).zip(sizes).map(named).collect()))
}

/// The name of a section that has a size worth listing (WebAssembly, binary format, 5.5.2).
fn section(id: u8) -> &'static str {
    match id {
        0 => "names (not shipped)",
        1 => "types",
        2 => "imports",
        3 => "functions",
        7 => "exports",
        9 => "table",
        10 => "code",
        11 => "data",
        _ => "others",
    }
}

fn list(text: &mut String, title: &str, shares: BTreeMap<String, Share>, shown: fn(&str) -> &str) {
    let total: usize = shares.values().map(|share| share.bytes).sum();
    let mut shares: Vec<_> = shares.into_iter().collect();
    shares.sort_by_key(|(_, share)| std::cmp::Reverse(share.bytes));
    let _ = writeln!(text, "\n{:>9}  {:>6}  {:>5}  by {title}", "bytes", "share", "count");
    let mut line = |name: &str, share: Share| {
        let percent = share.bytes as f64 * 100.0 / total.max(1) as f64;
        let count = if share.functions == 0 { String::new() } else { share.functions.to_string() };
        let _ = writeln!(text, "{:>9}  {percent:>5.1}%  {count:>5}  {name}", grouped(share.bytes));
    };
    for (name, share) in shares.iter().take(LISTED) {
        line(shown(name), *share);
    }
    let rest = shares.iter().skip(LISTED).fold(Share::default(), |sum, (_, share)| Share {
        bytes: sum.bytes + share.bytes,
        functions: sum.functions + share.functions,
    });
    if rest.bytes > 0 {
        line(&format!("({} more)", shares.len() - LISTED), rest);
    }
}

/// The crate whose code it is: of `<alloc::vec::Vec<own::T> as core::clone::Clone>::clone`, `alloc`.
fn crate_of(name: &str) -> &str {
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let name = ["mut ", "dyn ", "const "].iter().find_map(|word| name.strip_prefix(word)).unwrap_or(name);
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    // Exports and the shims of wasm-bindgen have plain names.
    if name[end..].starts_with("::") { &name[..end] } else { "without a path" }
}

/// The name without what its generics stand for.
fn without_arguments(name: &str) -> String {
    let (mut text, mut depth, mut before) = (String::new(), 0_usize, ' ');
    for c in name.chars() {
        let argument = depth > 0 || before.is_alphanumeric() || before == '_' || before == ':';
        match c {
            '<' if argument => depth += 1,
            '>' if depth > 0 && before != '-' => depth -= 1,
            _ if depth == 0 => text.push(c),
            _ => {}
        }
        before = c;
    }
    text.replace("::::", "::").trim_end_matches(':').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generic_has_one_name_whatever_its_arguments_are() {
        let one = "<alloc::vec::Vec<own::Card> as core::clone::Clone>::clone";
        let other = "<alloc::vec::Vec<(u8, fn() -> own::Rule<u8>)> as core::clone::Clone>::clone";
        assert_eq!(without_arguments(one), "<alloc::vec::Vec as core::clone::Clone>::clone");
        assert_eq!(without_arguments(one), without_arguments(other));
        assert_eq!(without_arguments("own::read::<own::Card>"), "own::read");
    }

    #[test]
    fn code_belongs_to_the_crate_that_wrote_it() {
        assert_eq!(crate_of("<&mut alloc::vec::Vec<own::Card> as core::clone::Clone>::clone"), "alloc");
        assert_eq!(crate_of("own::read::<alloc::string::String>"), "own");
        assert_eq!(crate_of("engine_start"), "without a path");
    }

    #[test]
    fn each_function_has_its_bytes_and_its_name() {
        // (module (func $own::read nop))
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x01\x0b\
            \0\x13\x04name\x01\x0c\x01\0\x09own::read";
        let (sections, functions) = read(module).expect("a module");
        assert_eq!((functions[0].bytes, functions[0].name.as_str()), (3, "own::read"));
        assert_eq!(sections["code"].bytes, 5);
    }
}
