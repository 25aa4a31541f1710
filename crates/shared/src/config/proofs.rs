//! What both servers are told about DPoP proofs.

use url::Url;

use super::Problems;
use crate::token::dpop::DpopSettings;

/// Flags and environment variables about proofs.
#[derive(Clone, Debug, clap::Args)]
pub struct ProofArgs {
    /// URL under which clients reach the resource API, which DPoP proofs name.
    ///
    /// Without it the resource API takes the address it listens on, and the auth server, which answers the API client
    /// endpoints, its own public URL.
    #[arg(long, env = "API_PUBLIC_URL")]
    api_public_url: Option<String>,
    /// Whether DPoP proofs must contain a nonce of the server: `off` or `required`.
    #[arg(long, env = "DPOP_NONCE", default_value = "off")]
    dpop_nonce: String,
}

impl ProofArgs {
    /// For the resource API, which listens on the URL `own`.
    pub fn of_resource_api(&self, problems: &mut Problems, own: &str) -> Option<DpopSettings> {
        let given = self.public_url(problems);
        let url = given?.unwrap_or_else(|| own.to_owned());
        self.settings(problems, vec![url])
    }

    /// For the auth server, which clients reach under `issuer`.
    pub fn of_auth_server(&self, problems: &mut Problems, issuer: &str) -> Option<DpopSettings> {
        let given = self.public_url(problems);
        let mut urls = vec![issuer.to_owned()];
        urls.extend(given?);
        self.settings(problems, urls)
    }

    fn public_url(&self, problems: &mut Problems) -> Option<Option<String>> {
        let Some(text) = &self.api_public_url else {
            return Some(None);
        };
        problems.take("API_PUBLIC_URL", public_url(text)).map(Some)
    }

    fn settings(&self, problems: &mut Problems, public_urls: Vec<String>) -> Option<DpopSettings> {
        let requires_nonce = problems.take(
            "DPOP_NONCE",
            match self.dpop_nonce.as_str() {
                "off" => Ok(false),
                "required" => Ok(true),
                other => Err(format!("must be `off` or `required`, found `{other}`")),
            },
        );
        Some(DpopSettings {
            public_urls,
            requires_nonce: requires_nonce?,
        })
    }
}

/// A trailing slash is dropped, because paths are appended.
fn public_url(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none() =>
        {
            Ok(text.trim_end_matches('/').to_owned())
        }
        Ok(_) | Err(_) => Err(format!(
            "must be an http or https URL without query and fragment, found `{text}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        proofs: ProofArgs,
    }

    fn read(arguments: &[&str]) -> Result<(DpopSettings, DpopSettings), String> {
        let words = std::iter::once("serve").chain(arguments.iter().copied());
        let args = Command::parse_from(words).proofs;
        let mut problems = Problems::default();
        let api = args.of_resource_api(&mut problems, "http://127.0.0.1:8081");
        let auth = args.of_auth_server(&mut problems, "https://auth.shop.example");
        problems.finish()?;
        Ok(api.zip(auth).expect("settings"))
    }

    #[test]
    fn each_server_knows_the_urls_it_is_reached_under() {
        let (api, auth) = read(&[]).expect("settings");
        assert_eq!(api.public_urls, ["http://127.0.0.1:8081"]);
        assert_eq!(auth.public_urls, ["https://auth.shop.example"]);
        assert!(!api.requires_nonce);
        let url = "https://api.shop.example/";
        let given = read(&["--api-public-url", url, "--dpop-nonce", "required"]);
        let (api, auth) = given.expect("settings");
        assert_eq!(api.public_urls, ["https://api.shop.example"]);
        let both = ["https://auth.shop.example", "https://api.shop.example"];
        assert_eq!(auth.public_urls, both);
        assert!(auth.requires_nonce);
    }

    #[test]
    fn impossible_settings_are_named() {
        for (flag, value, name) in [
            ("--api-public-url", "ftp://x", "API_PUBLIC_URL"),
            ("--api-public-url", "https://x?y", "API_PUBLIC_URL"),
            ("--dpop-nonce", "on", "DPOP_NONCE"),
        ] {
            let problems = read(&[flag, value]).expect_err("a problem");
            assert!(problems.starts_with(name), "{problems}");
        }
    }
}
