//! Reading: the table of a type's names, and one call for each field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DataEnum, Error, Fields, FieldsNamed, Result, Variant};

use crate::attributes::{Attributes, Case};
use crate::write::names;

pub fn of_struct(fields: &Fields, attributes: &Attributes) -> Result<TokenStream> {
    match fields {
        Fields::Named(named) => {
            let shape = Shape { case: attributes.rename_all, tag: "", strict: attributes.deny_unknown_fields };
            let defaults = attributes.default.is_some();
            let default = defaults.then(|| quote!(let default = <Self as Default>::default();));
            let fields = fields_of(named, &shape, &quote!(Self), defaults)?;
            Ok(quote!(#default #fields))
        }
        Fields::Unnamed(one) if one.unnamed.len() == 1 => {
            Ok(quote!(crate::model::json::FromJson::from_json(json).map(Self)))
        }
        _ => Err(Error::new_spanned(fields, "fields have names, or there is only one")),
    }
}

pub fn of_enum(data: &DataEnum, attributes: &Attributes) -> Result<TokenStream> {
    let case = attributes.rename_all;
    let mut known = Vec::new();
    let mut arms = Vec::new();
    for (place, variant) in data.variants.iter().enumerate() {
        let own = Attributes::of(&variant.attrs)?;
        known.push(own.variant_name(variant, case));
        let reads = variant_of(variant, attributes)?;
        arms.push(quote!(#place => #reads));
    }
    let known = names(&known);
    let found = match (&attributes.tag, &attributes.content) {
        (Some(tag), Some(content)) => {
            let both = format!("{tag} {content}");
            quote!(json.adjacent(#both, #known)?)
        }
        (Some(tag), None) => quote!((json.tagged(#tag, #known)?, json)),
        _ => quote!(json.variant(#known)?),
    };
    Ok(quote! {
        let (variant, json) = #found;
        match variant {
            #(#arms,)*
            _ => None,
        }
    })
}

fn variant_of(variant: &Variant, attributes: &Attributes) -> Result<TokenStream> {
    let name = &variant.ident;
    let is_inside = attributes.tag.is_some() && attributes.content.is_none();
    match &variant.fields {
        Fields::Unit if is_inside => Ok(quote!(Some(Self::#name))),
        Fields::Unit => Ok(quote!(json.is_nothing().then_some(Self::#name))),
        Fields::Unnamed(one) if one.unnamed.len() == 1 => {
            Ok(quote!(crate::model::json::FromJson::from_json(json).map(Self::#name)))
        }
        Fields::Named(named) => {
            let tag = if is_inside { attributes.tag.as_deref().unwrap_or_default() } else { "" };
            let shape = Shape { case: attributes.rename_all_fields, tag, strict: attributes.deny_unknown_fields };
            let fields = fields_of(named, &shape, &quote!(Self::#name), false)?;
            Ok(quote!({ #fields }))
        }
        Fields::Unnamed(_) => Err(Error::new_spanned(variant, "fields have names, or there is only one")),
    }
}

/// The form of an object: the case of its names, its tag, and whether an unknown field is a mistake.
struct Shape<'a> {
    case: Option<Case>,
    /// The field that names the variant.
    tag: &'a str,
    /// Whether an unknown field makes it another.
    strict: bool,
}

fn fields_of(named: &FieldsNamed, shape: &Shape<'_>, what: &TokenStream, defaults: bool) -> Result<TokenStream> {
    let (mut known, mut reads) = (Vec::new(), Vec::new());
    for field in &named.named {
        let own = Attributes::of(&field.attrs)?;
        let name = &field.ident;
        if own.skip {
            reads.push(if defaults { quote!(#name: default.#name) } else { quote!(#name: Default::default()) });
            continue;
        }
        let place = known.len();
        known.push(own.field_name(field, shape.case));
        let value = quote!(fields[#place]);
        let read = quote!(crate::model::json::FromJson::from_json(#value)?);
        let otherwise = match (&own.default, defaults) {
            (Some(Some(path)), _) => Some(quote!(#path())),
            (Some(None), _) => Some(quote!(Default::default())),
            (None, true) => Some(quote!(default.#name)),
            (None, false) => None,
        };
        reads.push(match otherwise {
            Some(otherwise) => quote!(#name: if #value.is_absent() { #otherwise } else { #read }),
            None => quote!(#name: #read),
        });
    }
    let (tag, strict) = (shape.tag, shape.strict);
    let count = known.len();
    let known = names(&known);
    let fields = format_ident!("{}", if count == 0 { "_fields" } else { "fields" });
    Ok(quote! {
        let #fields = json.fields::<#count>(&crate::model::json::Shape { names: #known, tag: #tag, strict: #strict })?;
        Some(#what { #(#reads,)* })
    })
}
