//! `cargo xtask tidy`: house rules that no compiler checks.
//!
//! Layers do not look to the right, files stay short, tests are named as sentences, and an open
//! point has a name on it.

use crate::failure::{Failure, Outcome, While};
use crate::workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a source file without its tests.
const MAX_SOURCE_LINES: usize = 400;
/// Lines of a test file, or of a source file with its tests.
const MAX_TEST_LINES: usize = 800;

/// Code under `folder` must not contain any of `words`, except below one of `except`.
struct Layer {
    folder: &'static str,
    except: &'static [&'static str],
    words: &'static [&'static str],
    reason: &'static str,
}

const LAYERS: &[Layer] = &[
    Layer {
        folder: "crates/domain/src",
        except: &[],
        words: &[
            "HashMap",
            "HashSet",
            "SystemTime",
            "std::env",
            "std::fs",
            "std::net",
        ],
        reason: "the domain is pure: no clock, no I/O, no order by chance",
    },
    Layer {
        folder: "crates/domain/src",
        // A circle on the earth needs a sine; a deserializer of serde has a method for each type.
        except: &["crates/domain/src/predicate", "crates/domain/src/strict"],
        words: &["f32", "f64"],
        reason: "the domain is exact: no floats",
    },
    Layer {
        folder: "crates/domain/src",
        except: &[],
        words: &[
            "tag = ",
            "untagged",
            "serde(flatten",
            "serde_json::from_value",
        ],
        reason: "foreign JSON is read by `strict`, which does not see into what serde keeps for later",
    },
    Layer {
        folder: "crates/commerce-api/src/store",
        except: &[],
        words: &["crate::service", "crate::http", "actix_web", "async fn"],
        reason: "the store knows neither services nor HTTP",
    },
    Layer {
        folder: "crates/commerce-api/src/service",
        except: &[],
        words: &["crate::http", "actix_web"],
        reason: "services know no HTTP; handlers translate, services decide",
    },
    Layer {
        folder: "crates/commerce-api/src/http/commercetools",
        except: &[],
        words: &["http::glue", "http::guest_checkout"],
        reason: "dialects share services, never each other",
    },
    Layer {
        folder: "crates/commerce-api/src/http/glue",
        except: &[],
        words: &["http::commercetools", "http::guest_checkout"],
        reason: "dialects share services, never each other",
    },
    Layer {
        folder: "crates/commerce-api/src/http/guest_checkout",
        except: &[],
        words: &["http::commercetools", "http::glue"],
        reason: "dialects share services, never each other",
    },
    Layer {
        folder: "crates/commerce-api/src/http",
        except: &[],
        words: &["diesel::"],
        reason: "SQL belongs to the store",
    },
    Layer {
        folder: "crates/auth-server/src/store",
        except: &[],
        words: &["crate::http", "crate::oxide", "actix_web", "async fn"],
        reason: "the store knows neither the protocol nor HTTP",
    },
    Layer {
        folder: "crates/auth-server/src",
        except: &["crates/auth-server/src/oxide"],
        words: &["oxide_auth"],
        reason: "only auth-server/src/oxide names oxide-auth",
    },
    Layer {
        folder: "crates/auth-server/src",
        except: &["crates/auth-server/src/shop"],
        words: &["commerce_api"],
        reason: "only auth-server/src/shop names the commerce API",
    },
    Layer {
        folder: "crates/auth-server/src/shop",
        except: &[],
        words: &["commerce_api::http", "crate::http", "actix_web", "async fn"],
        reason: "the shop's rules are asked in a transaction, not over HTTP",
    },
    Layer {
        folder: "crates/commerce-api/src",
        except: &[],
        words: &["oxide_auth"],
        reason: "only auth-server/src/oxide names oxide-auth",
    },
];

/// 0 when the house is in order, 1 after listing what is not.
pub fn run() -> Outcome<u8> {
    let root = workspace::root();
    let mut findings = Vec::new();
    for file in rust_files(&root)? {
        let text = fs::read_to_string(&file).doing(|| format!("cannot read {}", file.display()))?;
        let name = file
            .strip_prefix(&root)
            .unwrap_or(&file)
            .display()
            .to_string();
        findings.extend(inspect(&name, &text));
    }
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy");
        return Ok(0);
    }
    println!("{} findings", findings.len());
    Ok(1)
}

fn inspect(file: &str, text: &str) -> Vec<String> {
    let mut findings = lengths(file, text);
    let source_lines = lines_before_tests(text);
    for layer in LAYERS.iter().filter(|layer| layer.covers(file)) {
        for (number, line) in code_lines(text).take_while(|(number, _)| *number <= source_lines) {
            if let Some(word) = layer.words.iter().find(|word| line.contains(**word)) {
                findings.push(format!("{file}:{number}: `{word}`: {}", layer.reason));
            }
        }
    }
    findings.extend(test_names(file, text));
    findings.extend(open_points(file, text));
    findings
}

impl Layer {
    fn covers(&self, file: &str) -> bool {
        let below = |folder: &str| {
            file.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        below(self.folder) && !is_test_file(file) && !self.except.iter().any(|folder| below(folder))
    }
}

fn lengths(file: &str, text: &str) -> Vec<String> {
    let total = text.lines().count();
    let source = if is_test_file(file) {
        0
    } else {
        lines_before_tests(text)
    };
    let mut findings = Vec::new();
    if source > MAX_SOURCE_LINES {
        findings.push(format!(
            "{file}: {source} lines without tests, at most {MAX_SOURCE_LINES}; split it by topic"
        ));
    }
    if total > MAX_TEST_LINES {
        findings.push(format!(
            "{file}: {total} lines, at most {MAX_TEST_LINES}; move its tests to a file of their own"
        ));
    }
    findings
}

fn test_names(file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut after_attribute = false;
    for (number, line) in code_lines(text) {
        let line = line.trim();
        if matches!(line, "#[test]" | "#[actix_web::test]") {
            after_attribute = true;
        } else if after_attribute
            && let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ")
        {
            after_attribute = false;
            let name = rest.split('(').next().unwrap_or_default();
            if name.starts_with("test_") || name.split('_').count() < 3 {
                findings.push(format!(
                    "{file}:{number}: `{name}`: name the test as a sentence about behaviour"
                ));
            }
        }
    }
    findings
}

fn open_points(file: &str, text: &str) -> Vec<String> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| line.contains("//"))
        .filter_map(|(index, line)| {
            let mark = marks.iter().find(|mark| line.contains(**mark))?;
            let named = line.contains(&format!("{mark}("));
            (!named).then(|| {
                format!(
                    "{file}:{}: `{mark}` needs a name: `{mark}(name): …`",
                    index + 1
                )
            })
        })
        .collect()
}

/// Numbered lines from 1, without whole-line comments.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn lines_before_tests(text: &str) -> usize {
    let tests_at = text
        .lines()
        .position(|line| line.starts_with("#[cfg(test)]"));
    tests_at.unwrap_or_else(|| text.lines().count())
}

fn is_test_file(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs") || file.ends_with("_tests.rs")
}

fn rust_files(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.join("crates"), root.join("xtask")];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).doing(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry
                .doing(|| format!("cannot list {}", folder.display()))?
                .path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        return Err(Failure::new(format!(
            "no Rust files below {}",
            root.display()
        )));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_imports_http_is_found_with_its_line() {
        let text = "use crate::store::documents;\nuse crate::http::routes;\n";
        let findings = inspect("crates/commerce-api/src/service/carts.rs", text);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].starts_with("crates/commerce-api/src/service/carts.rs:2: `crate::http`")
        );
    }

    #[test]
    fn tests_and_comments_may_name_what_code_may_not() {
        let text = "// crate::http calls us.\n#[cfg(test)]\nmod tests {\n    use crate::http;\n}\n";
        assert_eq!(
            inspect("crates/commerce-api/src/service/carts.rs", text),
            Vec::<String>::new()
        );
    }

    #[test]
    fn only_the_folder_oxide_names_oxide_auth() {
        let text = "use oxide_auth::primitives;\n";
        assert_eq!(
            inspect("crates/auth-server/src/oxide/mod.rs", text).len(),
            0
        );
        assert_eq!(inspect("crates/auth-server/src/grants.rs", text).len(), 1);
    }

    #[test]
    fn a_test_named_by_number_is_refused() {
        let text = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn test_merge_2() {}\n    #[test]\n    fn spare_cents_go_first() {}\n}\n";
        let findings = inspect("crates/domain/src/money/allocate.rs", text);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("`test_merge_2`"));
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let source = "fn a() {}\n".repeat(400);
        let file = "crates/domain/src/cart/mod.rs";
        assert_eq!(
            inspect(file, &format!("{source}#[cfg(test)]\nmod tests {{}}\n")).len(),
            0
        );
        assert_eq!(inspect(file, &format!("{source}fn b() {{}}\n")).len(), 1);
    }
}
