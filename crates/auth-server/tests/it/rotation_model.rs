//! Refresh tokens against a simple model: whatever clients lose, repeat or steal, and on whichever instance.
//!
//! The model knows only the rules: a spent token is good until its successor has been used; then, or when a retired token
//! appears, the session is over.

use std::collections::BTreeMap;

use crate::support::{Credentials, MOBILE, TestApp, with_two_instances};

const GRACE_SECONDS: i64 = 300;

#[derive(Clone, Debug, PartialEq)]
enum State {
    Live,
    Spent { successor: String, at: i64 },
    Retired,
}

#[derive(Default)]
struct Model {
    tokens: BTreeMap<String, State>,
    is_over: bool,
}

enum Expected {
    Exactly(String),
    ANewOne,
    Refusal,
}

impl Model {
    fn expect(&self, token: &str, now: i64) -> Expected {
        if self.is_over {
            return Expected::Refusal;
        }
        match &self.tokens[token] {
            State::Live => Expected::ANewOne,
            State::Retired => Expected::Refusal,
            State::Spent { successor, at } => match &self.tokens[successor] {
                State::Live if now < at + GRACE_SECONDS => Expected::Exactly(successor.clone()),
                State::Live => Expected::ANewOne,
                State::Spent { .. } | State::Retired => Expected::Refusal,
            },
        }
    }

    fn issued(&mut self, presented: &str, successor: String, now: i64) {
        if let State::Spent {
            successor: unused, ..
        } = &self.tokens[presented]
        {
            let unused = unused.clone();
            self.tokens.insert(unused, State::Retired);
        }
        self.tokens.insert(successor.clone(), State::Live);
        self.tokens
            .insert(presented.to_owned(), State::Spent { successor, at: now });
    }
}

/// A small generator, so that a failing run can be repeated from its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).expect("a few sides"))
            .expect("a small number")
    }
}

#[actix_web::test]
async fn random_sequences_of_refreshes_losses_and_thefts_follow_the_model() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let thief = one.client(MOBILE).await;
        for seed in 1..=40 {
            play(&[one.clone(), two.clone()], &client, &thief, seed).await;
        }
    })
    .await;
}

async fn play(apps: &[TestApp], client: &Credentials, thief: &Credentials, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut model = Model::default();
    let guest = apps[0].guest(client).await;
    let mut access = vec![guest.access_token()];
    let mut tokens = vec![guest.refresh_token()];
    model.tokens.insert(tokens[0].clone(), State::Live);
    let mut now = 0;
    for step in 0..25 {
        let place = format!("seed {seed}, step {step}");
        let app = &apps[dice.roll(apps.len())];
        match dice.roll(12) {
            0..=2 => {
                let seconds = [1, 299, 300, 100_000][dice.roll(4)];
                app.clock.advance_seconds(seconds);
                now += seconds;
            }
            3 => {
                let token = &tokens[dice.roll(tokens.len())];
                assert_eq!(
                    app.refresh(thief, token).await.error(),
                    "invalid_grant",
                    "{place}"
                );
            }
            4 if dice.roll(6) == 0 => {
                let token = &tokens[dice.roll(tokens.len())];
                app.post(client, "/oauth/token/revoke", &format!("token={token}"))
                    .await;
                model.is_over = true;
            }
            _ => {
                // Mostly one of the latest tokens, as clients do; sometimes any.
                let back = if dice.roll(8) == 0 {
                    tokens.len()
                } else {
                    tokens.len().min(2)
                };
                let token = tokens[tokens.len() - 1 - dice.roll(back)].clone();
                let expected = model.expect(&token, now);
                let answer = app.refresh(client, &token).await;
                match expected {
                    Expected::Refusal => {
                        assert_eq!(answer.error(), "invalid_grant", "{place}");
                        model.is_over = true;
                    }
                    Expected::Exactly(successor) => {
                        assert_eq!(answer.refresh_token(), successor, "{place}");
                        access.push(answer.access_token());
                    }
                    Expected::ANewOne => {
                        let successor = answer.refresh_token();
                        assert!(!tokens.contains(&successor), "{place}");
                        model.issued(&token, successor.clone(), now);
                        tokens.push(successor);
                        access.push(answer.access_token());
                    }
                }
            }
        }
    }
    let last = access.last().expect("an access token");
    assert!(
        !model.is_over || !apps[0].is_active(client, last).await,
        "seed {seed}"
    );
}
