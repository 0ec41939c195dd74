//! Writing: the table of a type's names, and a reference to each field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DataEnum, Error, Field, Fields, Ident, Result, Variant};

use crate::attributes::{Attributes, Case};

/// Names in one text; no name holds a blank.
pub fn names(names: &[String]) -> String {
    names.join(" ")
}

pub fn of_struct(fields: &Fields, attributes: &Attributes) -> Result<TokenStream> {
    match fields {
        Fields::Named(named) => object(named.named.iter(), attributes.rename_all, |name| quote!(&self.#name)),
        Fields::Unnamed(one) if one.unnamed.len() == 1 => {
            Ok(quote!(crate::model::json::ToJson::to_json(&self.0, json)))
        }
        _ => Err(Error::new_spanned(fields, "fields have names, or there is only one")),
    }
}

/// The name of a variant, whatever its fields are.
pub fn name_of_variant(data: &DataEnum, attributes: &Attributes) -> Result<TokenStream> {
    let known = variant_names(data, attributes)?;
    let idents = data.variants.iter().map(|variant| &variant.ident);
    Ok(quote!(match value { #(Named::#idents { .. } => #known,)* }))
}

pub fn of_enum(data: &DataEnum, attributes: &Attributes) -> Result<TokenStream> {
    let known = variant_names(data, attributes)?;
    if attributes.tag.is_none() && data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit)) {
        let idents = data.variants.iter().map(|variant| &variant.ident);
        return Ok(quote!(json.text(match self { #(Self::#idents => #known,)* })));
    }
    let arms: Vec<_> = data
        .variants
        .iter()
        .zip(&known)
        .map(|(variant, known)| arm(variant, known, attributes))
        .collect::<Result<_>>()?;
    Ok(quote!(match self { #(#arms)* }))
}

fn variant_names(data: &DataEnum, attributes: &Attributes) -> Result<Vec<String>> {
    let name = |variant: &Variant| Ok(Attributes::of(&variant.attrs)?.variant_name(variant, attributes.rename_all));
    data.variants.iter().map(name).collect()
}

/// One variant. An inner tag is written by whoever begins the next object.
fn arm(variant: &Variant, known: &str, attributes: &Attributes) -> Result<TokenStream> {
    let name = &variant.ident;
    let (pattern, value) = match &variant.fields {
        Fields::Unit => (quote!(Self::#name), None),
        Fields::Unnamed(one) if one.unnamed.len() == 1 => {
            (quote!(Self::#name(value)), Some(quote!(crate::model::json::ToJson::to_json(value, json);)))
        }
        Fields::Named(named) => {
            let names = named.named.iter().map(|field| &field.ident);
            let fields = object(named.named.iter(), attributes.rename_all_fields, |name| quote!(#name))?;
            (quote!(Self::#name { #(#names),* }), Some(quote!(#fields;)))
        }
        Fields::Unnamed(_) => return Err(Error::new_spanned(variant, "fields have names, or there is only one")),
    };
    let written = match (&attributes.tag, &attributes.content, value) {
        (Some(tag), Some(content), Some(value)) => {
            quote! { json.begin_adjacent(#tag, #known, #content); #value json.end('}'); }
        }
        (Some(tag), None, Some(value)) => quote! { json.tag(#tag, #known); #value },
        (Some(tag), _, None) => quote! { json.tag(#tag, #known); json.object("", &[]); },
        (None, _, Some(value)) => quote! { json.begin('{'); json.key(#known); #value json.end('}'); },
        (None, _, None) => quote! { json.text(#known); },
    };
    Ok(quote!(#pattern => { #written }))
}

fn object<'f>(
    fields: impl Iterator<Item = &'f Field>,
    case: Option<Case>,
    reference: impl Fn(&Ident) -> TokenStream,
) -> Result<TokenStream> {
    let (mut known, mut values, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields {
        let own = Attributes::of(&field.attrs)?;
        let Some(name) = field.ident.as_ref() else { continue };
        if own.skip {
            continue;
        }
        known.push(own.field_name(field, case));
        let place = reference(name);
        let value = match &own.write_with {
            Some(path) => {
                let with = format_ident!("{name}_written");
                written.push(quote!(let #with = crate::model::json::With(#place, #path);));
                quote!(&#with)
            }
            None => quote!(#place),
        };
        values.push(match &own.skip_if {
            Some(path) => quote!(if #path(#place) { None } else { Some(#value as &dyn crate::model::json::ToJson) }),
            None => quote!(Some(#value as &dyn crate::model::json::ToJson)),
        });
    }
    let known = names(&known);
    Ok(quote!({ #(#written)* json.object(#known, &[#(#values,)*]) }))
}
