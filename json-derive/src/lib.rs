//! Derives `ToJson` and `FromJson` of `cuewire::model::json`.
//!
//! serde's derive makes code for each type and each source: 440 KB of the engine. This derive makes a table of names for
//! each type. One interpreter in `src/model/json` matches names and rejects what does not fit; what is left for each type
//! is one call for each field. The derive reads serde's own attributes, because `tsify` makes TypeScript of the same
//! ones, and refuses those that it does not know.
//!
//! The derive also bridges to serde, so that tests and tools may use `serde_json` on our types. Nothing that ships does,
//! so the bridge takes no bytes.

mod attributes;
mod read;
mod write;

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, parse_macro_input};

use attributes::Attributes;

/// How a value is written as JSON.
#[proc_macro_derive(ToJson, attributes(serde))]
pub fn to_json(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let name = &input.ident;
    let (impl_generics, type_generics, clause) = input.generics.split_for_impl();
    derive(&input, write::of_struct, write::of_enum, |body| {
        quote! {
            impl #impl_generics crate::model::json::ToJson for #name #type_generics #clause {
                fn to_json(&self, json: &mut crate::model::json::Writer) {
                    #body
                }
            }

            impl #impl_generics serde::Serialize for #name #type_generics #clause {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    crate::model::json::bridge::serialize(self, serializer)
                }
            }
        }
    })
}

/// How a value is read from JSON.
#[proc_macro_derive(FromJson, attributes(serde))]
pub fn from_json(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let name = &input.ident;
    let (impl_generics, type_generics, clause) = input.generics.split_for_impl();
    let parameters = &input.generics.params;
    derive(&input, read::of_struct, read::of_enum, |body| {
        quote! {
            impl #impl_generics crate::model::json::FromJson for #name #type_generics #clause {
                fn from_json(json: &crate::model::json::Json<'_>) -> Option<Self> {
                    #body
                }
            }

            impl<'de, #parameters> serde::Deserialize<'de> for #name #type_generics #clause {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    crate::model::json::bridge::deserialize(deserializer)
                }
            }
        }
    })
}

/// The names of an enumeration's variants as `&'static str`, in the case that serde's attribute asks for.
#[proc_macro_derive(IntoName, attributes(serde))]
pub fn into_name(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let name = &input.ident;
    let no_names = |fields: &Fields, _: &Attributes| Err(Error::new_spanned(fields, "an enumeration is due"));
    derive(&input, no_names, write::name_of_variant, |body| {
        quote! {
            impl From<&#name> for &'static str {
                fn from(value: &#name) -> &'static str {
                    use #name as Named;
                    #body
                }
            }

            impl From<#name> for &'static str {
                fn from(value: #name) -> &'static str {
                    (&value).into()
                }
            }
        }
    })
}

type Tokens = proc_macro2::TokenStream;

fn derive(
    input: &DeriveInput,
    of_struct: fn(&Fields, &Attributes) -> syn::Result<Tokens>,
    of_enum: fn(&syn::DataEnum, &Attributes) -> syn::Result<Tokens>,
    whole: impl FnOnce(Tokens) -> Tokens,
) -> TokenStream {
    let body = Attributes::of(&input.attrs).and_then(|attributes| match &input.data {
        Data::Struct(data) => of_struct(&data.fields, &attributes),
        Data::Enum(data) => of_enum(data, &attributes),
        Data::Union(_) => Err(Error::new_spanned(input, "a union is no JSON")),
    });
    body.map_or_else(|error| error.to_compile_error(), whole).into()
}
