//! Where the workspace is, and building its two servers.

use crate::failure::{Failure, Outcome, While};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The two binaries as they run in production.
#[derive(Debug, Clone)]
pub struct Binaries {
    pub auth_server: PathBuf,
    pub commerce_api: PathBuf,
}

/// The folder with the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent()
        .map_or_else(|| here.clone(), Path::to_path_buf)
}

/// The cargo that started this program, run in the workspace.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_this_package) {
            command.env_remove(name);
        }
    }
    command
}

/// What `cargo run` tells this program about itself. Build scripts of crates read the same variables: handed on, they would
/// make cargo build those crates, and all that depend on them, anew whenever it was not this program that built them.
fn is_about_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
        || ["CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&variable)
}

/// Builds both servers and shows cargo's progress.
///
/// `tls`: with a database client that speaks TLS, which takes minutes longer the first time
/// because it builds OpenSSL.
pub fn build_servers(release: bool, tls: bool) -> Outcome<Binaries> {
    let mut command = cargo();
    command.args(["build", "-p", "auth-server", "-p", "commerce-api"]);
    // The paths of the binaries come from cargo itself: the target folder can be configured.
    command.arg("--message-format=json-render-diagnostics");
    if release {
        command.arg("--release");
    }
    if tls {
        command.args(["--no-default-features", "--features", "bundled-tls"]);
    }
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .output()
        .doing(|| "cannot run cargo".to_owned())?;
    if !output.status.success() {
        return Err(Failure::new("the servers do not build; see above"));
    }
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Binaries {
        auth_server: executable(&report, "auth-server")?,
        commerce_api: executable(&report, "commerce-api")?,
    })
}

/// Where cargo says that it put a program.
pub fn executable(report: &str, name: &str) -> Outcome<PathBuf> {
    report
        .lines()
        .filter_map(|line| line.split_once(r#""executable":""#))
        .filter_map(|(_, rest)| rest.split_once('"'))
        .map(|(path, _)| PathBuf::from(path.replace(r"\\", r"\")))
        .find(|path| path.file_name().is_some_and(|file| file == name))
        .ok_or_else(|| Failure::new(format!("cargo did not say where it put `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_does_not_hear_who_started_it() {
        // `cargo test` sets these for us, as `cargo run` does.
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
        let command = cargo();
        let removed: Vec<&str> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .filter_map(|(name, _)| name.to_str())
            .collect();
        assert!(removed.contains(&"CARGO_PKG_NAME"), "{removed:?}");
        assert!(removed.contains(&"CARGO_MANIFEST_DIR"), "{removed:?}");
        for kept in [
            "CARGO",
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(!is_about_this_package(kept), "{kept}");
        }
    }

    #[test]
    fn the_binary_is_found_where_cargo_says_it_is() {
        let report = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
            {\"reason\":\"compiler-artifact\",\"executable\":\"/a b/debug/auth-server\",\"fresh\":true}";
        assert_eq!(
            executable(report, "auth-server").unwrap(),
            PathBuf::from("/a b/debug/auth-server")
        );
        assert!(executable(report, "commerce-api").is_err());
    }
}
