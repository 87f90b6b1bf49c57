//! Processes of our own program: started with their output in a file, found by their port, killed without warning.
//! Refuses to touch any process but those it started, and to let one outlive the value that stands for it.

mod zuora;

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Error, Result};

pub use zuora::Zuora;

/// How long a debug build on a busy machine may take to listen.
const READY_MAX: Duration = Duration::from_secs(60);

/// How often a port file is looked for.
const LOOKS_EVERY: Duration = Duration::from_millis(10);

/// How much of a log a failure shows.
const LOG_LINES_SHOWN: usize = 20;

/// What the program's variables start with; those of the caller are not handed on.
const VARIABLES: &str = "PURSER_";

/// A program with the directory that it runs in and its settings.
#[derive(Debug, Clone)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Where it runs and where its logs and port files are.
    pub directory: PathBuf,
    /// Variables with their values.
    pub settings: Vec<(&'static str, String)>,
}

impl Program {
    /// Runs a command to its end and returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output().map_err(Error::io(self.named(arguments)))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => Err(Error::Setup(format!(
                "`{}` failed: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            ))),
        }
    }

    /// Starts a process that stays; its log goes on where that of an earlier one of this name ended.
    pub fn start(&self, name: &str, arguments: &[&str]) -> Result<Process> {
        let log = self.directory.join(format!("{name}.log"));
        let open = || OpenOptions::new().create(true).append(true).open(&log);
        let output = || open().map(Stdio::from).map_err(Error::io(format!("write {}", log.display())));
        let spawned = self.command(arguments).stdout(output()?).stderr(output()?).spawn();
        let child = spawned.map_err(Error::io(self.named(arguments)))?;
        Ok(Process { child, log })
    }

    /// The path of a file in its directory, for arguments.
    pub fn file(&self, name: &str) -> String {
        self.directory.join(name).display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        let inherited = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in inherited.filter(|name| name.starts_with(VARIABLES)) {
            command.env_remove(name);
        }
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.args(arguments).envs(settings).current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    fn named(&self, arguments: &[&str]) -> String {
        format!("run {} {}", self.path.display(), arguments.join(" "))
    }
}

/// A running process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Waits until the process has written its port, and takes the file away, so that the next one is not mistaken for it.
    pub async fn port(&mut self, file: impl AsRef<Path>) -> Result<u16> {
        let (file, deadline) = (file.as_ref(), Instant::now() + READY_MAX);
        let failed = || Error::io(format!("use {}", file.display()));
        loop {
            if file.exists() {
                let text = fs::read_to_string(file).map_err(failed())?;
                fs::remove_file(file).map_err(failed())?;
                return text.trim().parse().map_err(|_| Error::Setup(format!("{text:?} is no port")));
            }
            let ended = self.child.try_wait().map_err(Error::io("look after a process"))?;
            if ended.is_some() || Instant::now() >= deadline {
                return Err(Error::Setup(format!(
                    "a process is not ready ({ended:?}): {}",
                    self.last_words()
                )));
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }

    /// SIGKILL: it cannot finish anything.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself; then there is nothing to kill, and only its end to be taken note of.
        self.child.kill().ok();
        self.child.wait().ok();
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str) -> Program {
        let directory = std::env::temp_dir().join(format!("purser-process-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        Program { path: "/bin/sh".into(), directory, settings: vec![("PURSER_ROLE", "web".to_owned())] }
    }

    #[tokio::test]
    async fn a_process_is_found_by_its_port_and_gone_when_it_is_killed() {
        let program = shell("port");
        let mut process =
            program.start("server", &["-c", "echo $$ > pid; echo 8080 > port; sleep 60"]).unwrap();
        assert_eq!(process.port(program.file("port")).await.unwrap(), 8080);
        assert!(!program.directory.join("port").exists(), "the next process writes its own");
        let pid = fs::read_to_string(program.file("pid")).unwrap();
        process.kill();
        assert!(!Path::new(&format!("/proc/{}", pid.trim())).exists());
        fs::remove_dir_all(&program.directory).unwrap();
    }

    #[tokio::test]
    async fn a_process_that_ends_early_is_told_with_its_last_words() {
        let program = shell("early");
        let mut process = program.start("server", &["-c", "echo the key is missing >&2; exit 1"]).unwrap();
        let error = process.port(program.file("port")).await.unwrap_err();
        assert!(error.to_string().contains("the key is missing"), "{error}");
        assert_eq!(program.run(&["-c", "echo $PURSER_ROLE"]).unwrap(), "web");
        assert!(program.run(&["-c", "exit 1"]).is_err());
        fs::remove_dir_all(&program.directory).unwrap();
    }
}
