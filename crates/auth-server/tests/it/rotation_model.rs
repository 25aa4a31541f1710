//! Refresh tokens against a simple model: whatever clients lose, repeat or steal, and on whichever instance.
//!
//! The model knows only the rules: a spent token is good until its successor has been used; then, or when a retired token
//! appears, the session is over.

use std::collections::BTreeMap;

use testkit::dpop::ProofKey;

use crate::support::{Answer, Credentials, MOBILE, TestApp, with_two_instances};

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
            let device = Device {
                client: client.clone(),
                key: None,
            };
            play(&[one.clone(), two.clone()], &device, &thief, seed).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn bound_to_a_key_they_follow_the_same_model_and_nobody_without_the_key_moves_them() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let thief = one.client(MOBILE).await;
        for seed in 41..=60 {
            let device = Device {
                client: client.clone(),
                key: Some(ProofKey::ed25519()),
            };
            play(&[one.clone(), two.clone()], &device, &thief, seed).await;
        }
    })
    .await;
}

/// Who plays: a client, with a key or without.
struct Device {
    client: Credentials,
    key: Option<ProofKey>,
}

impl Device {
    async fn ask(&self, app: &TestApp, path: &str, form: &str) -> Answer {
        let proofs: Vec<String> = self.key.iter().map(|key| app.proof(key, path)).collect();
        app.post_with(&self.client, path, form, &proofs).await
    }

    async fn refresh(&self, app: &TestApp, token: &str) -> Answer {
        let form = format!("grant_type=refresh_token&refresh_token={token}");
        self.ask(app, "/oauth/token", &form).await
    }

    /// The same client with another key, or with none.
    fn stolen(&self, dice: &mut Dice) -> Self {
        Self {
            client: self.client.clone(),
            key: (dice.roll(2) == 0).then(ProofKey::es256),
        }
    }
}

async fn play(apps: &[TestApp], device: &Device, thief: &Credentials, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let guest = device
        .ask(
            &apps[0],
            "/oauth/shop/anonymous/token",
            "grant_type=client_credentials",
        )
        .await;
    let client = &device.client;
    let mut game = Game::start(&guest);
    for step in 0..25 {
        let place = format!("seed {seed}, step {step}");
        let app = &apps[dice.roll(apps.len())];
        match dice.roll(12) {
            0..=2 => {
                let seconds = [1, 299, 300, 100_000][dice.roll(4)];
                app.clock.advance_seconds(seconds);
                game.now += seconds;
            }
            3 => {
                let token = &game.tokens[dice.roll(game.tokens.len())];
                let answer = app.refresh(thief, token).await;
                assert_eq!(answer.error(), "invalid_grant", "{place}");
            }
            4 if dice.roll(6) == 0 => {
                let token = &game.tokens[dice.roll(game.tokens.len())];
                let form = format!("token={token}");
                app.post(client, "/oauth/token/revoke", &form).await;
                game.model.is_over = true;
            }
            5..=6 if device.key.is_some() => {
                let token = &game.tokens[dice.roll(game.tokens.len())];
                let answer = device.stolen(&mut dice).refresh(app, token).await;
                assert_eq!(answer.error(), "invalid_grant", "{place}");
            }
            _ => {
                let token = game.pick(&mut dice);
                let answer = device.refresh(app, &token).await;
                game.check(&token, &answer, &place);
            }
        }
    }
    let is_active = apps[0].is_active(client, &game.last_access_token).await;
    assert!(!(game.model.is_over && is_active), "seed {seed}");
}

/// The model, and what the client got.
struct Game {
    model: Model,
    tokens: Vec<String>,
    last_access_token: String,
    now: i64,
}

impl Game {
    fn start(guest: &Answer) -> Self {
        let mut model = Model::default();
        model.tokens.insert(guest.refresh_token(), State::Live);
        Self {
            model,
            tokens: vec![guest.refresh_token()],
            last_access_token: guest.access_token(),
            now: 0,
        }
    }

    /// Mostly one of the latest tokens, as clients do; sometimes any.
    fn pick(&self, dice: &mut Dice) -> String {
        let known = self.tokens.len();
        let back = if dice.roll(8) == 0 {
            known
        } else {
            known.min(2)
        };
        self.tokens[known - 1 - dice.roll(back)].clone()
    }

    fn check(&mut self, token: &str, answer: &Answer, place: &str) {
        match self.model.expect(token, self.now) {
            Expected::Refusal => {
                assert_eq!(answer.error(), "invalid_grant", "{place}");
                self.model.is_over = true;
                return;
            }
            Expected::Exactly(successor) => {
                assert_eq!(answer.refresh_token(), successor, "{place}");
            }
            Expected::ANewOne => {
                let successor = answer.refresh_token();
                assert!(!self.tokens.contains(&successor), "{place}");
                self.model.issued(token, successor.clone(), self.now);
                self.tokens.push(successor);
            }
        }
        self.last_access_token = answer.access_token();
    }
}
