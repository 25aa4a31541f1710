//! The properties of every target, on the stored corpus and on random changes of it.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{fs, path::PathBuf};

use fuzz_targets::{TARGETS, Target, Verdict};
use proptest::{prelude::*, sample::Index};

/// A file of the corpus. The names of those written by hand start with what becomes of them.
struct Entry {
    name: String,
    data: Vec<u8>,
}

fn corpus(target: &Target) -> Vec<Entry> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = fs::read_dir(folder.join(target.name)).expect("a folder with a corpus");
    let mut entries: Vec<Entry> = files
        .map(|file| file.expect("a file").path())
        .map(|path| Entry {
            name: path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            data: fs::read(&path).expect("a readable file"),
        })
        .collect();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    entries
}

fn named(entries: &[Entry], prefix: &str) -> usize {
    entries
        .iter()
        .filter(|entry| entry.name.starts_with(prefix))
        .count()
}

#[test]
fn every_file_of_the_corpus_gets_the_verdict_in_its_name() {
    for target in TARGETS {
        let entries = corpus(target);
        for Entry { name, data } in &entries {
            let verdict = (target.check)(data);
            let expected = match name.split('-').next() {
                Some("accepted") => Verdict::Accepted,
                Some("refused") => Verdict::Refused,
                _ => verdict,
            };
            assert_eq!(verdict, expected, "{}/{name}", target.name);
        }
        let (accepted, refused) = (named(&entries, "accepted-"), named(&entries, "refused-"));
        assert!(
            accepted > 0 && refused > 0,
            "{}: {accepted} accepted, {refused} refused",
            target.name
        );
    }
}

#[test]
fn every_target_has_a_fuzzer_and_a_corpus_and_no_other_exists() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest =
        fs::read_to_string(root.join("Cargo.toml")).expect("the manifest of the fuzzers");
    let mut names: Vec<&str> = manifest
        .lines()
        .filter_map(|line| {
            line.strip_prefix("path = \"fuzz_targets/")?
                .strip_suffix(".rs\"")
        })
        .collect();
    names.sort_unstable();
    let targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, targets);
    let folders = fs::read_dir(root.join("corpus"))
        .expect("the corpora")
        .count();
    assert_eq!(folders, targets.len());
}

/// One change of an input.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    /// A piece from somewhere else of the same target's corpus.
    Splice(Index, Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (
            any::<Index>(),
            prop::sample::select(b" .:=&%+,-\"'`{}[]()\n09azAZ\0\xff".to_vec())
        )
            .prop_map(|(at, byte)| Edit::Insert(at, byte)),
        any::<Index>().prop_map(Edit::Remove),
        (any::<Index>(), any::<Index>(), any::<Index>())
            .prop_map(|(at, other, from)| Edit::Splice(at, other, from)),
    ]
}

fn apply(edit: &Edit, data: &mut Vec<u8>, entries: &[Entry]) {
    match edit {
        Edit::Insert(at, byte) => data.insert(at.index(data.len() + 1), *byte),
        Edit::Splice(at, other, from) => {
            let other = &other.get(entries).data;
            let piece = &other[from.index(other.len() + 1)..];
            data.truncate(at.index(data.len() + 1));
            data.extend_from_slice(piece);
        }
        Edit::Replace(..) | Edit::Remove(_) if data.is_empty() => {}
        Edit::Replace(at, byte) => {
            let at = at.index(data.len());
            data[at] = *byte;
        }
        Edit::Remove(at) => {
            data.remove(at.index(data.len()));
        }
    }
}

proptest! {
    #[test]
    fn the_properties_hold_for_random_changes_of_the_corpus(
        start in any::<Index>(),
        edits in prop::collection::vec(edit(), 1..6),
    ) {
        for target in TARGETS {
            let entries = corpus(target);
            let mut data = start.get(&entries).data.clone();
            for edit in &edits {
                apply(edit, &mut data, &entries);
            }
            (target.check)(&data);
        }
    }

    #[test]
    fn the_properties_hold_for_any_bytes(data in prop::collection::vec(any::<u8>(), 0..200)) {
        for target in TARGETS {
            (target.check)(&data);
        }
    }
}
