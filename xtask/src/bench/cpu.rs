//! What processes used, from Linux's `/proc`.

use crate::failure::{Failure, Outcome, While};
use std::fs;

/// `/proc` counts in hundredths of a second on every architecture that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// The numbers of `/proc/{id}/stat`, from the parent's id on.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    /// User and system time, in ticks.
    own: f64,
    /// The same of children that have ended and were waited for.
    children: f64,
}

/// Seconds of processor time that a process has used.
pub fn of_process(id: u32) -> Outcome<f64> {
    Ok(stat(&id.to_string())?.own / TICKS_PER_SECOND)
}

/// Seconds of a process with all its children, the ended ones included.
pub fn of_family(id: u32) -> Outcome<f64> {
    let head = stat(&id.to_string())?;
    let mut ticks = head.own + head.children;
    for entry in fs::read_dir("/proc").doing(|| "cannot list /proc".to_owned())? {
        let name = entry.doing(|| "cannot list /proc".to_owned())?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end while we look: then it is among its parent's ended children next time.
        if let Ok(stat) = stat(&process.to_string())
            && stat.parent == id
        {
            ticks += stat.own;
        }
    }
    Ok(ticks / TICKS_PER_SECOND)
}

/// Seconds of our own children that have ended.
pub fn of_ended_children() -> Outcome<f64> {
    Ok(stat("self")?.children / TICKS_PER_SECOND)
}

/// Memory of a process that is in RAM, in MiB.
pub fn resident_mib(id: u32) -> Outcome<f64> {
    let file = format!("/proc/{id}/status");
    let text = fs::read_to_string(&file).doing(|| format!("cannot read {file}"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<f64>().ok())
        .map(|kib| kib / 1024.0)
        .ok_or_else(|| Failure::new(format!("{file} has no VmRSS")))
}

fn stat(process: &str) -> Outcome<Stat> {
    let file = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&file).doing(|| format!("cannot read {file}"))?;
    parse(&text).ok_or_else(|| Failure::new(format!("{file} is not readable as Linux writes it")))
}

fn parse(text: &str) -> Option<Stat> {
    // The second field is the program's name in parentheses and may contain anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: ticks(11)? + ticks(12)?,
        children: ticks(13)? + ticks(14)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let text =
            "42 (postgres: a) b) S 7 42 42 0 -1 0 10 20 30 40 500 60 7000 800 20 0 1 0 99 1 2";
        assert_eq!(
            parse(text),
            Some(Stat {
                parent: 7,
                own: 560.0,
                children: 7_800.0
            })
        );
    }

    #[test]
    fn this_process_has_memory() {
        assert!(resident_mib(std::process::id()).unwrap() > 0.1);
    }
}
