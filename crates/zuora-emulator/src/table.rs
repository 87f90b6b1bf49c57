//! Rows in the order in which they were made, found by id, by number and by account.
//! Refuses to forget: what billing made is never deleted.

use std::collections::BTreeMap;

/// What every row of a table can be found by.
pub(crate) trait Row {
    /// The 32-digit id.
    fn id(&self) -> &str;
    /// The business number.
    fn number(&self) -> &str;
    /// The id of the owning account; empty if there is none.
    fn account(&self) -> &str;
}

/// All rows of one kind.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Vec<T>,
    by_id: BTreeMap<String, usize>,
    by_number: BTreeMap<String, Vec<usize>>,
    by_account: BTreeMap<String, Vec<usize>>,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table {
            rows: Vec::new(),
            by_id: BTreeMap::new(),
            by_number: BTreeMap::new(),
            by_account: BTreeMap::new(),
        }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn insert(&mut self, row: T) {
        let at = self.rows.len();
        self.by_id.insert(row.id().to_owned(), at);
        self.by_number.entry(row.number().to_owned()).or_default().push(at);
        if !row.account().is_empty() {
            self.by_account.entry(row.account().to_owned()).or_default().push(at);
        }
        self.rows.push(row);
    }

    fn place(&self, key: &str) -> Option<usize> {
        let by_number = || self.by_number.get(key).and_then(|places| places.last());
        self.by_id.get(key).or_else(by_number).copied()
    }

    /// The row with this id, or the latest with this number.
    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.place(key).and_then(|at| self.rows.get(at))
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.place(key).and_then(|at| self.rows.get_mut(at))
    }

    /// Whether a number was ever used.
    pub(crate) fn has_number(&self, number: &str) -> bool {
        self.by_number.contains_key(number)
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl DoubleEndedIterator<Item = &'a T> {
        places.into_iter().flatten().filter_map(|at| self.rows.get(*at))
    }

    /// Every row with this number, oldest first.
    pub(crate) fn with_number(&self, number: &str) -> impl DoubleEndedIterator<Item = &T> {
        self.at(self.by_number.get(number))
    }

    /// Every row of this account, oldest first.
    pub(crate) fn of_account(&self, account: &str) -> impl DoubleEndedIterator<Item = &T> {
        self.at(self.by_account.get(account))
    }

    /// Every row, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.iter()
    }
}
