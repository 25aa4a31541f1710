//! `dev --fresh`: starts empty again. It deletes what `dev` made, and nothing else.

use crate::failure::{Failure, Outcome, While};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The database of `dev` without `--database`.
const DATABASE: &str = "guestcart.db";
/// Says that `dev` made it.
const MARK: &str = "guestcart.db.made-by-dev";
const NOTE: &str = "`cargo xtask dev` made guestcart.db; `--fresh` may delete it.\n";

/// The SQLite database of a data folder.
pub fn database(data: &Path) -> PathBuf {
    data.join(DATABASE)
}

/// To be called before the database is made: notes that it is ours, if there is none yet.
pub fn note_who_makes_it(data: &Path) -> Outcome<()> {
    if database(data).exists() {
        return Ok(());
    }
    let mark = data.join(MARK);
    fs::write(&mark, NOTE).doing(|| format!("cannot write {}", mark.display()))
}

/// Deletes the database that `dev` made under `data`, and the credentials of its clients. The secrets stay.
pub fn empty(data: &Path) -> Outcome<()> {
    let database = database(data);
    if database.exists() && !data.join(MARK).exists() {
        return Err(Failure::new(format!(
            "`--fresh` deletes only what `cargo xtask dev` made, and {} was there before it: move it away, or choose another \
             folder with `--data DIR`",
            database.display()
        )));
    }
    let wal = format!("{DATABASE}-wal");
    let shm = format!("{DATABASE}-shm");
    for name in [DATABASE, &wal, &shm, "credentials.env", MARK] {
        let file = data.join(name);
        match fs::remove_file(&file) {
            Ok(()) => eprintln!("deleted {}", file.display()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Failure::new(format!(
                    "cannot delete {}: {error}",
                    file.display()
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporary::TemporaryFolder;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_dev_made_goes_and_all_else_stays() {
        let folder = TemporaryFolder::create("guestcart-fresh").unwrap();
        note_who_makes_it(&folder.path).unwrap();
        for name in [
            "guestcart.db",
            "guestcart.db-wal",
            "guestcart.db-shm",
            "credentials.env",
            "secrets.env",
            "notes.txt",
        ] {
            fs::write(folder.path.join(name), "x").unwrap();
        }
        empty(&folder.path).unwrap();
        assert_eq!(names(&folder.path), ["notes.txt", "secrets.env"]);
        empty(&folder.path).unwrap();
    }

    #[test]
    fn a_database_that_was_there_before_is_not_touched() {
        let folder = TemporaryFolder::create("guestcart-fresh").unwrap();
        fs::write(database(&folder.path), "mine").unwrap();
        note_who_makes_it(&folder.path).unwrap();
        let failure = empty(&folder.path).unwrap_err();
        assert!(
            failure.message.contains("move it away"),
            "{}",
            failure.message
        );
        assert_eq!(names(&folder.path), ["guestcart.db"]);
    }
}
