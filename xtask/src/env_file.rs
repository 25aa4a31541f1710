//! Files of `NAME='value'` lines that a shell can read, readable by their owner only.

use crate::failure::{Failure, Outcome, While};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Reads the file; a missing file has no variables.
pub fn read(path: &Path) -> Outcome<BTreeMap<String, String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => {
            return Err(Failure::new(format!(
                "cannot read {}: {error}",
                path.display()
            )));
        }
    };
    Ok(parse(&text))
}

/// Replaces the file in one step, so that a reader never sees half of it.
pub fn write(path: &Path, heading: &str, variables: &[(&str, &str)]) -> Outcome<()> {
    let mut text = format!("# {heading}\n");
    for (name, value) in variables {
        text.push_str(&format!("{name}={}\n", quote(value)));
    }
    let fresh = path.with_extension("env.new");
    let saved = remove_stale(&fresh)
        .and_then(|()| {
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&fresh)
        })
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&fresh, path));
    saved.doing(|| format!("cannot write {}", path.display()))
}

/// `bytes` random bytes from the operating system, in hexadecimal.
pub fn random_hex(bytes: usize) -> Outcome<String> {
    let mut noise = vec![0; bytes];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut noise))
        .doing(|| "cannot read /dev/urandom".to_owned())?;
    Ok(noise.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn remove_stale(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), unquote(value.trim())))
        .collect()
}

fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn unquote(value: &str) -> String {
    let inner = value
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    inner.unwrap_or(value).replace(r"'\''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_quoted_for_the_shell_reads_back_the_same() {
        let value = "a b='c' $HOME \"d\"";
        assert_eq!(quote(value), r#"'a b='\''c'\'' $HOME "d"'"#);
        let read_back = parse(&format!("# note\nNAME={}\n", quote(value)));
        assert_eq!(read_back.get("NAME").map(String::as_str), Some(value));
    }
}
