//! Rust files taken apart: their test modules, functions, string literals and macro calls, with line numbers.
//! Knows no rule.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, Block, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, Lit, Meta, Signature, TraitItemFn, Type,
    Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::tree::{Breach, File};

/// One parsed file.
pub struct Parsed {
    pub functions: Vec<Function>,
    /// The lines of each `#[cfg(test)] mod`.
    pub tests: Vec<RangeInclusive<usize>>,
}

/// A function with a body.
pub struct Function {
    pub name: String,
    /// The type whose `impl` it is in.
    pub of: Option<String>,
    pub is_public: bool,
    pub is_async: bool,
    /// The first argument's type after `self`, when it is `&mut T`: `T` without its path.
    pub first_mut: Option<String>,
    pub line: usize,
    /// Lines between its braces.
    pub length: usize,
}

impl Parsed {
    pub fn of(file: &File) -> Result<Self, Breach> {
        let syntax = syn::parse_file(&file.text)
            .map_err(|error| file.breach(error.span().start().line, format!("does not parse: {error}")))?;
        let mut seen = Walk { functions: Vec::new(), tests: Vec::new(), of: None };
        seen.visit_file(&syntax);
        Ok(Self { functions: seen.functions, tests: seen.tests })
    }

    pub fn is_in_tests(&self, line: usize) -> bool {
        self.tests.iter().any(|lines| lines.contains(&line))
    }
}

struct Walk {
    functions: Vec<Function>,
    tests: Vec<RangeInclusive<usize>>,
    of: Option<String>,
}

impl Walk {
    fn function(&mut self, signature: &Signature, visibility: Option<&Visibility>, body: &Block) {
        let braces = body.brace_token.span;
        let lines = braces.close().start().line.saturating_sub(braces.open().start().line);
        self.functions.push(Function {
            name: signature.ident.to_string(),
            of: self.of.clone(),
            is_public: matches!(visibility, Some(Visibility::Public(_))),
            is_async: signature.asyncness.is_some(),
            first_mut: first_mut(signature),
            line: signature.fn_token.span().start().line,
            length: lines.saturating_sub(1),
        });
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, Some(&item.vis), &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, Some(&item.vis), &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, None, body);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = self.of.replace(last_segment(&item.self_ty).unwrap_or_default());
        visit::visit_item_impl(self, item);
        self.of = outer;
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() && item.attrs.iter().any(is_cfg_test) {
            let span = Item::Mod(item.clone()).span();
            self.tests.push(span.start().line..=span.end().line);
        }
        visit::visit_item_mod(self, item);
    }
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg") && list.tokens.to_string() == "test"
}

fn first_mut(signature: &Signature) -> Option<String> {
    let first = signature.inputs.iter().find_map(|input| match input {
        syn::FnArg::Typed(argument) => Some(&*argument.ty),
        syn::FnArg::Receiver(_) => None,
    })?;
    match first {
        Type::Reference(reference) if reference.mutability.is_some() => last_segment(&reference.elem),
        _ => None,
    }
}

fn last_segment(of: &Type) -> Option<String> {
    match of {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// Every string literal with its line, also inside macro calls; documentation is none.
pub fn strings(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    each_level(text, &mut |tokens| {
        for token in tokens {
            if let TokenTree::Literal(literal) = token
                && let Lit::Str(string) = Lit::new(literal.clone())
            {
                found.push((literal.span().start().line, string.value()));
            }
        }
    });
    found
}

/// Every call of the macro `name`: its line and the first word inside.
pub fn macro_calls(text: &str, name: &str) -> Vec<(usize, Option<String>)> {
    let mut found = Vec::new();
    each_level(text, &mut |tokens| {
        for call in tokens.windows(3) {
            if let [TokenTree::Ident(called), TokenTree::Punct(bang), TokenTree::Group(body)] = call
                && called == name
                && bang.as_char() == '!'
            {
                let first = body.stream().into_iter().next().map(|token| token.to_string());
                found.push((called.span().start().line, first));
            }
        }
    });
    found
}

/// Shows the tokens of a file, and those of every bracket in it, one level at a time.
fn each_level(text: &str, show: &mut dyn FnMut(&[TokenTree])) {
    // What does not parse is told by the rules about files.
    if let Ok(stream) = text.parse::<TokenStream>() {
        descend(stream, show);
    }
}

fn descend(stream: TokenStream, show: &mut dyn FnMut(&[TokenTree])) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    show(&tokens);
    for token in tokens {
        if let TokenTree::Group(group) = token
            && !is_documentation(&group)
        {
            descend(group.stream(), show);
        }
    }
}

fn is_documentation(group: &proc_macro2::Group) -> bool {
    group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_in_macros_but_not_in_documentation() {
        let text = "//! A.\n/// Not \"this\".\nfn f() {\n    println!(\"one {}\", g([\"two\"]));\n}\n";
        assert_eq!(strings(text), [(4, "one {}".to_owned()), (4, "two".to_owned())]);
    }

    #[test]
    fn test_modules_are_known_by_their_lines() {
        let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n";
        let parsed = Parsed::of(&File::sample("a.rs", text)).ok().unwrap();
        assert_eq!(parsed.tests, [3..=6]);
        assert!(parsed.is_in_tests(5) && !parsed.is_in_tests(1));
    }

    #[test]
    fn a_file_that_does_not_parse_is_a_breach() {
        assert_eq!(Parsed::of(&File::sample("a.rs", "fn f() {\n}\n}")).err().unwrap().line, 3);
    }
}
