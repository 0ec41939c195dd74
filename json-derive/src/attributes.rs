//! serde's attributes, as far as our types use them.

use syn::{Attribute, Error, Expr, ExprLit, Field, Ident, Lit, Path, Result, Variant, meta::ParseNestedMeta};

/// The attributes of a type, a variant or a field.
#[derive(Default)]
pub struct Attributes {
    pub rename: Option<String>,
    pub rename_all: Option<Case>,
    pub rename_all_fields: Option<Case>,
    pub tag: Option<String>,
    pub content: Option<String>,
    pub deny_unknown_fields: bool,
    pub skip: bool,
    /// The value of an absent field: the type's own default, or what a function gives.
    pub default: Option<Option<Path>>,
    pub skip_if: Option<Path>,
    pub write_with: Option<Path>,
}

/// How names are spelled.
#[derive(Clone, Copy)]
pub enum Case {
    Camel,
    Pascal,
}

impl Attributes {
    pub fn of(attributes: &[Attribute]) -> Result<Attributes> {
        let mut found = Attributes::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            attribute.parse_nested_meta(|meta| found.take(&meta))?;
        }
        Ok(found)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let text = || meta.value().and_then(|value| value.parse::<Expr>()).and_then(|value| literal(&value));
        let path = || text().and_then(|text| syn::parse_str::<Path>(&text));
        let case = || match text()?.as_str() {
            "camelCase" => Ok(Some(Case::Camel)),
            "PascalCase" => Ok(Some(Case::Pascal)),
            other => Err(meta.error(format!("no type of ours is spelled in {other}"))),
        };
        let name = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
        match name.as_str() {
            "rename" => self.rename = Some(text()?),
            "rename_all" => self.rename_all = case()?,
            "rename_all_fields" => self.rename_all_fields = case()?,
            "tag" => self.tag = Some(text()?),
            "content" => self.content = Some(text()?),
            "deny_unknown_fields" => self.deny_unknown_fields = true,
            "skip" => self.skip = true,
            "default" if meta.input.peek(syn::Token![=]) => self.default = Some(Some(path()?)),
            "default" => self.default = Some(None),
            "skip_serializing_if" => self.skip_if = Some(path()?),
            "serialize_with" => self.write_with = Some(path()?),
            // A type of one field is always written as the field.
            "transparent" => {}
            other => return Err(meta.error(format!("`{other}` is not derived: write the trait by hand"))),
        }
        Ok(())
    }

    /// The name of a field in JSON.
    pub fn field_name(&self, field: &Field, case: Option<Case>) -> String {
        let name = field.ident.as_ref().map(Ident::to_string).unwrap_or_default();
        self.rename.clone().unwrap_or_else(|| case.map_or(name.clone(), |case| case.of_field(&name)))
    }

    /// The name of a variant in JSON.
    pub fn variant_name(&self, variant: &Variant, case: Option<Case>) -> String {
        let name = variant.ident.to_string();
        self.rename.clone().unwrap_or_else(|| match case {
            Some(Case::Camel) => name[..1].to_ascii_lowercase() + &name[1..],
            Some(Case::Pascal) | None => name.clone(),
        })
    }
}

impl Case {
    /// A name in `snake_case`, in this case.
    fn of_field(self, name: &str) -> String {
        let capitalized =
            |word: &str| word.get(..1).unwrap_or_default().to_ascii_uppercase() + word.get(1..).unwrap_or_default();
        let mut words = name.split('_');
        let first = match self {
            Case::Camel => words.next().unwrap_or_default().to_owned(),
            Case::Pascal => String::new(),
        };
        first + &words.map(capitalized).collect::<String>()
    }
}

/// A text, also where a macro has passed it on in a group of its own.
fn literal(value: &Expr) -> Result<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.value()),
        Expr::Group(group) => literal(&group.expr),
        _ => Err(Error::new_spanned(value, "a text is due")),
    }
}
