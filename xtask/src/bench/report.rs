//! The numbers as a table that can go into a document as it is.

use super::Series;
use super::load::Measured;
use super::paths::{Goal, Path};
use super::stage::Process;
use std::fmt::Display;

/// Goals for every server process: MiB when idle, seconds to its first answer.
const IDLE_MIB: f64 = 40.0;
const FIRST_ANSWER_SECONDS: f64 = 1.0;

/// One line while it goes on.
pub fn progress(path: &Path, server: &Measured, beside: &Measured) -> String {
    format!(
        "{:.0}/s beside {:.0}/s, {}",
        server.per_second,
        beside.per_second,
        path.goal.show(path.goal.figure(server, beside))
    )
}

/// A row for each path and one below it for its yardstick.
pub fn table(series: &[Series]) -> String {
    let mut lines = vec![
        "| path | requests/s, median (min..max) | p99 ms | server µs | PostgreSQL µs | failed | compared | goal |"
            .to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for one in series {
        let servers: Vec<&Measured> = one.rounds.iter().map(|(server, _)| server).collect();
        let besides: Vec<&Measured> = one.rounds.iter().map(|(_, beside)| beside).collect();
        let figures: Vec<f64> = one
            .rounds
            .iter()
            .map(|(server, beside)| one.path.goal.figure(server, beside))
            .collect();
        let goal = &one.path.goal;
        let figure = Spread::of(&figures);
        let compared = format!(
            "**{}** ({}..{})",
            goal.show(figure.median),
            goal.show(figure.least),
            goal.show(figure.most)
        );
        let failed = one
            .rounds
            .iter()
            .any(|(server, beside)| server.failed + beside.failed > 0.0);
        let verdict = goal.verdict(figure.median, failed);
        lines.push(format!(
            "| {} | {} | {compared} | {}, {verdict} |",
            one.path.name,
            columns(&servers),
            goal.limit()
        ));
        lines.push(format!(
            "| {} {} | {} | | |",
            "\u{a0}\u{a0}", // indents the yardstick below its path
            one.path.beside_name,
            columns(&besides)
        ));
    }
    lines.join("\n") + "\n"
}

/// Memory and start of the servers.
pub fn processes(processes: &[Process]) -> String {
    let mut lines = vec![
        "| process | idle MiB | goal | MiB after the load | first answer ms | goal |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for process in processes {
        let seconds = process.first_answer.as_secs_f64();
        let verdict = |met: bool| if met { "met" } else { "**missed**" };
        lines.push(format!(
            "| {} | {:.1} | < {IDLE_MIB}, {} | {:.1} | {:.0} | < {:.0}, {} |",
            process.name,
            process.idle_mib,
            verdict(process.idle_mib < IDLE_MIB),
            process.loaded_mib,
            seconds * 1e3,
            FIRST_ANSWER_SECONDS * 1e3,
            verdict(seconds < FIRST_ANSWER_SECONDS)
        ));
    }
    lines.join("\n") + "\n"
}

/// Rate, tail, processor time and failures of one contender over all rounds.
fn columns(rounds: &[&Measured]) -> String {
    let all = |value: fn(&Measured) -> Option<f64>| -> Option<Spread> {
        let values: Option<Vec<f64>> = rounds.iter().map(|round| value(round)).collect();
        values.map(|values| Spread::of(&values))
    };
    let rate = all(|round| Some(round.per_second));
    let failed: f64 = rounds.iter().map(|round| round.failed).sum();
    let median = |spread: Option<Spread>, digits: usize| {
        spread.map_or_else(String::new, |spread| format!("{:.digits$}", spread.median))
    };
    format!(
        "{} | {} | {} | {} | {failed:.0}",
        rate.map_or_else(String::new, |rate| format!(
            "{} ({}..{})",
            thousands(rate.median),
            thousands(rate.least),
            thousands(rate.most)
        )),
        median(all(|round| round.p99_millis), 1),
        median(all(|round| round.server_micros), 0),
        median(all(|round| round.postgres_micros), 0),
    )
}

impl Goal {
    /// The number that the goal is about, in one round.
    pub fn figure(&self, server: &Measured, beside: &Measured) -> f64 {
        match self {
            Self::RateAtLeast(_) => server.per_second / beside.per_second,
            Self::CpuAtMost(_) => {
                server.server_micros.unwrap_or(f64::NAN) / beside.server_micros.unwrap_or(f64::NAN)
            }
            Self::TimeAtMost(_) => beside.per_second / server.per_second,
        }
    }

    fn verdict(&self, figure: f64, failed: bool) -> &'static str {
        if failed {
            // A refusal is quick and proves nothing.
            "**open**: answers failed"
        } else if self.is_met(figure) {
            "met"
        } else {
            "**missed**"
        }
    }

    fn is_met(&self, figure: f64) -> bool {
        match self {
            Self::RateAtLeast(least) => figure >= *least,
            Self::CpuAtMost(most) | Self::TimeAtMost(most) => figure <= *most,
        }
    }

    fn limit(&self) -> String {
        match self {
            Self::RateAtLeast(least) => format!("≥ {}", self.show(*least)),
            Self::CpuAtMost(most) => format!("≤ {most} × its CPU"),
            Self::TimeAtMost(most) => format!("≤ {most} × its time"),
        }
    }

    fn show(&self, figure: f64) -> String {
        match self {
            Self::RateAtLeast(_) => format!("{:.0} %", figure * 100.0),
            Self::CpuAtMost(_) | Self::TimeAtMost(_) => format!("{figure:.2} ×"),
        }
    }
}

/// Median, least and most of the rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            at(middle)
        } else {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        };
        Self {
            median,
            least: at(0),
            most: at(sorted.len().saturating_sub(1)),
        }
    }
}

/// A whole number with spaces between groups of three digits.
fn thousands(value: impl Display + Into<f64>) -> String {
    let digits = format!("{:.0}", value.into());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_of_rounds_lies_between_the_middle_two() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!(
            spread,
            Spread {
                median: 2.5,
                least: 1.0,
                most: 4.0
            }
        );
        assert_eq!(Spread::of(&[9.0, 1.0, 3.0]).median, 3.0);
    }

    #[test]
    fn goals_compare_in_the_direction_that_is_better() {
        let run = |per_second| Measured {
            per_second,
            ..Measured::default()
        };
        let share = Goal::RateAtLeast(0.35);
        assert_eq!(share.figure(&run(40.0), &run(100.0)), 0.4);
        assert!(share.is_met(0.4));
        assert!(!share.is_met(0.34));
        let growth = Goal::TimeAtMost(1.5);
        assert_eq!(growth.figure(&run(50.0), &run(100.0)), 2.0);
        assert!(!growth.is_met(2.0));
        assert!(growth.is_met(1.5));
    }

    #[test]
    fn failed_answers_meet_no_goal_however_quick_they_are() {
        let goal = Goal::RateAtLeast(0.5);
        assert_eq!(goal.verdict(0.6, false), "met");
        assert_eq!(goal.verdict(0.4, false), "**missed**");
        assert_eq!(goal.verdict(2.0, true), "**open**: answers failed");
    }

    #[test]
    fn large_numbers_are_grouped_by_thousands() {
        assert_eq!(thousands(999.0), "999");
        assert_eq!(thousands(12_345.0), "12\u{a0}345");
        assert_eq!(thousands(1_234_567.4), "1\u{a0}234\u{a0}567");
    }
}
