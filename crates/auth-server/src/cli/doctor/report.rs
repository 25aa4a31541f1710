//! What was found, and how it is shown.

use serde::Serialize;
use serde_json::json;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// Fine, if it is meant to be so.
    Hint,
    /// It will hurt one day.
    Warning,
    /// It does not work, or is not safe.
    Problem,
}

/// What one check found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Ok,
            found: found.into(),
            advice: None,
        }
    }

    pub(super) fn hint(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::with(check, Verdict::Hint, found.into(), advice.into())
    }

    pub(super) fn warning(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::with(check, Verdict::Warning, found.into(), advice.into())
    }

    pub(super) fn problem(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::with(check, Verdict::Problem, found.into(), advice.into())
    }

    const fn with(check: &'static str, verdict: Verdict, found: String, advice: String) -> Self {
        Self {
            check,
            verdict,
            found,
            advice: Some(advice),
        }
    }

    pub(super) fn is_problem(&self) -> bool {
        self.verdict == Verdict::Problem
    }
}

/// Everything that was found.
#[derive(Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.0.extend(findings);
    }

    pub(super) fn problems(&self) -> usize {
        self.0.iter().filter(|one| one.is_problem()).count()
    }

    pub(super) fn print(&self, as_json: bool) {
        if as_json {
            let healthy = self.problems() == 0;
            println!("{:#}", json!({ "healthy": healthy, "findings": self.0 }));
            return;
        }
        for one in &self.0 {
            let mark = match one.verdict {
                Verdict::Ok => "ok",
                Verdict::Hint => "hint",
                Verdict::Warning => "WARNING",
                Verdict::Problem => "PROBLEM",
            };
            println!("{mark:<8} {:<18} {}", one.check, one.found);
            if let Some(advice) = &one.advice {
                println!("{:27} → {advice}", "");
            }
        }
    }
}
