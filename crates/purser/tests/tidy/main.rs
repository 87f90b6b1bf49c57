//! The house rules that a program can check, each a test over every committed file.
//! What is found is printed as `file:line: what is wrong, what to do`. Each rule's own tests show that it bites.

mod arrows;
mod leftovers;
mod offers;
mod rust;
mod seams;
mod shape;
mod spelling;
mod sql;
mod stages;
mod store;
mod templates;
mod tree;

use tree::{Broken, verdict};

#[test]
fn every_rust_file_opens_with_what_it_is_for() -> Result<(), Broken> {
    verdict(shape::heads(&tree::read()?))
}

#[test]
fn no_rust_file_is_too_long_to_read_in_one_sitting() -> Result<(), Broken> {
    verdict(shape::long_files(&tree::read()?))
}

#[test]
fn no_function_is_longer_than_a_screen() -> Result<(), Broken> {
    verdict(shape::long_functions(&tree::read()?))
}

#[test]
fn every_file_is_named_after_what_it_is_about() -> Result<(), Broken> {
    verdict(shape::empty_names(&tree::read()?))
}

#[test]
fn crates_depend_only_along_the_arrows() -> Result<(), Broken> {
    verdict(arrows::dependencies(&tree::read()?))
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() -> Result<(), Broken> {
    verdict(arrows::lints(&tree::read()?))
}

#[test]
fn the_crates_that_count_money_deny_floats() -> Result<(), Broken> {
    verdict(arrows::floats(&tree::read()?))
}

#[test]
fn sql_is_written_in_store_only() -> Result<(), Broken> {
    verdict(sql::outside_store(&tree::read()?))
}

#[test]
fn migrations_only_expand() -> Result<(), Broken> {
    verdict(sql::destructive_migrations(&tree::read()?))
}

#[test]
fn every_query_runs_in_a_transaction_that_the_caller_holds() -> Result<(), Broken> {
    verdict(store::without_transaction(&tree::read()?))
}

#[test]
fn every_query_is_called_by_a_test_of_store() -> Result<(), Broken> {
    verdict(store::untested(&tree::read()?))
}

#[test]
fn what_can_be_sold_is_data_and_not_code() -> Result<(), Broken> {
    verdict(offers::named_in_code(&tree::read()?))
}

#[test]
fn words_are_spelled_the_american_way() -> Result<(), Broken> {
    verdict(spelling::british(&tree::read()?))
}

#[test]
fn nothing_is_silenced_or_left_for_later() -> Result<(), Broken> {
    verdict(leftovers::marks(&tree::read()?))
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() -> Result<(), Broken> {
    verdict(leftovers::machine_paths(&tree::read()?))
}

#[test]
fn every_select_takes_its_branches_in_order() -> Result<(), Broken> {
    verdict(seams::unbiased_selects(&tree::read()?))
}

#[test]
fn the_simulated_crates_share_one_list_of_refused_calls() -> Result<(), Broken> {
    verdict(seams::clippy_files(&tree::read()?))
}

#[test]
fn pages_hold_no_inline_styles_or_scripts() -> Result<(), Broken> {
    verdict(templates::inline(&tree::read()?))
}

#[test]
fn the_stages_fit_their_time() -> Result<(), Broken> {
    verdict(stages::budgets(&tree::read()?))
}
