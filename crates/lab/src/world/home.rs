//! A folder that exists as long as the world does.
//! Refuses to outlive it: a demo leaves nothing behind.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use crate::{Error, Result};

static HOMES: AtomicU32 = AtomicU32::new(0);

/// A fresh folder.
#[derive(Debug)]
pub(super) struct Home(PathBuf);

impl Home {
    pub(super) fn new() -> Result<Home> {
        let number = HOMES.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("purser-demo-{}-{number}", process::id()));
        // A run that was killed may have left one, under the same process id.
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).map_err(Error::io(format!("make the folder {}", path.display())))?;
        Ok(Home(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn remove(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, folder = %self.0.display(), "the demo's folder stays behind");
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.remove();
    }
}
