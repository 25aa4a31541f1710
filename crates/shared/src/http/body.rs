//! Bodies on their way in: bounded in size, in time and, all together, in memory.

use std::{
    future::{Ready, poll_fn, ready},
    pin::Pin,
    time::Duration,
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::CONTENT_LENGTH,
    web::{Bytes, BytesMut, Data},
};
use futures_core::Stream as _;
use tokio::time::{Instant, timeout};

use super::{
    connections::is_crowded, content_coding::unsupported_coding, delivery::Delivery, memory::Memory,
};

/// Longest pause within a body.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The same while more than half of the connections are taken.
const LONGEST_PAUSE_IN_A_CROWD: Duration = Duration::from_secs(2);
/// A body may take so long, and a second more for each [`BYTES_PER_SECOND`] of it that are there.
const DEADLINE: Duration = Duration::from_secs(10);
/// Nobody uploads a cart more slowly.
const BYTES_PER_SECOND: usize = 64 * 1024;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is too large.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The most it may have.
        limit: usize,
    },
    /// It came too slowly.
    #[error("the body did not come in time")]
    TooSlow,
    /// It is compressed, or coded in another way that is not undone here.
    #[error("the content coding '{coding}' is not supported")]
    Coded {
        /// What `Content-Encoding` says.
        coding: String,
    },
    /// There is no memory for it now.
    #[error("there is no memory for the body now")]
    OverCapacity,
    /// The connection broke, or it is not what its head said.
    #[error("the body could not be read: {0}")]
    Broken(String),
}

/// A body that is not read yet: who may not send one should not make us take it.
pub struct Body {
    request: HttpRequest,
    payload: Payload,
}

impl FromRequest for Body {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            request: request.clone(),
            payload: payload.take(),
        }))
    }
}

impl Body {
    /// Reads it.
    ///
    /// # Errors
    /// [`BodyError`].
    pub async fn read(self, limit: usize) -> Result<Bytes, BodyError> {
        self.read_for(limit, |_| 0).await
    }

    /// Reads it for a use that takes as much memory as `weigh` says. The memory is held until the request is answered.
    ///
    /// # Errors
    /// [`BodyError`].
    pub async fn read_for(
        self,
        limit: usize,
        weigh: fn(&[u8]) -> usize,
    ) -> Result<Bytes, BodyError> {
        let Self {
            request,
            mut payload,
        } = self;
        if let Some(coding) = unsupported_coding(request.headers()) {
            return Err(BodyError::Coded { coding });
        }
        let too_large = BodyError::TooLarge { limit };
        if announced(&request).is_some_and(|length| length > limit) {
            return Err(too_large);
        }
        let memory = request
            .app_data::<Data<Delivery>>()
            .map_or_else(Memory::unlimited, |delivery| delivery.memory.clone());
        let mut hold = memory.hold();
        let mut body = BytesMut::new();
        let began = Instant::now();
        while let Some(chunk) = next(&mut payload, patience(began, body.len(), &request)).await? {
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(too_large);
            }
            if !hold.grow(chunk.len()) {
                return Err(BodyError::OverCapacity);
            }
            body.extend_from_slice(&chunk);
        }
        // One request alone always fits, whatever its body becomes.
        let weight = weigh(&body).min(memory.limit() / 2);
        if !hold.grow(weight) {
            return Err(BodyError::OverCapacity);
        }
        request.extensions_mut().insert(hold);
        Ok(body.freeze())
    }
}

fn announced(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// How long the next piece may take.
fn patience(began: Instant, bytes: usize, request: &HttpRequest) -> Duration {
    let earned = u64::try_from(bytes / BYTES_PER_SECOND).unwrap_or(u64::MAX);
    let left = DEADLINE
        .saturating_add(Duration::from_secs(earned))
        .saturating_sub(began.elapsed());
    left.min(if is_crowded(request) {
        LONGEST_PAUSE_IN_A_CROWD
    } else {
        LONGEST_PAUSE
    })
}

async fn next(payload: &mut Payload, patience: Duration) -> Result<Option<Bytes>, BodyError> {
    let piece = poll_fn(|context| Pin::new(&mut *payload).poll_next(context));
    match timeout(patience, piece).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(error))) => Err(BodyError::Broken(error.to_string())),
        Err(_elapsed) => Err(BodyError::TooSlow),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future as _,
        task::{Context, Poll},
    };

    use actix_web::{error::PayloadError, test::TestRequest};
    use futures_core::Stream;
    use tokio::time::{Sleep, sleep};

    use super::*;
    use crate::http::memory::FREE_BYTES;

    /// Sends `piece` again and again with a pause before each, and never ends.
    struct Endless {
        piece: Bytes,
        pause: Duration,
        waiting: Option<Pin<Box<Sleep>>>,
    }

    impl Stream for Endless {
        type Item = Result<Bytes, PayloadError>;

        fn poll_next(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Self::Item>> {
            let pause = self.pause;
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(pause)));
            std::task::ready!(waiting.as_mut().poll(context));
            self.waiting = None;
            Poll::Ready(Some(Ok(self.piece.clone())))
        }
    }

    fn body(bytes: usize, pause: Duration, memory: Memory) -> Body {
        let delivery = Delivery {
            memory,
            ..Delivery::default()
        };
        let request = TestRequest::default()
            .app_data(Data::new(delivery))
            .to_http_request();
        let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(Endless {
            piece: Bytes::from(vec![b' '; bytes]),
            pause,
            waiting: None,
        });
        Body {
            request,
            payload: Payload::from(stream),
        }
    }

    const LIMIT: usize = 4 * 1024 * 1024;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_given_up() {
        let stopped = body(1, Duration::from_secs(3_600), Memory::unlimited());
        assert!(matches!(stopped.read(LIMIT).await, Err(BodyError::TooSlow)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up() {
        let trickling = body(100, Duration::from_secs(1), Memory::unlimited());
        assert!(matches!(
            trickling.read(LIMIT).await,
            Err(BodyError::TooSlow)
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_be_slow_and_large() {
        let slow = body(
            BYTES_PER_SECOND,
            Duration::from_secs(1),
            Memory::unlimited(),
        );
        // It is read until it is too large.
        assert!(matches!(
            slow.read(LIMIT).await,
            Err(BodyError::TooLarge { limit: LIMIT })
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_share_memory_and_give_it_back() {
        let memory = Memory::new(100_000);
        let large = body(FREE_BYTES, Duration::ZERO, memory.clone());
        assert!(matches!(
            large.read(LIMIT).await,
            Err(BodyError::OverCapacity)
        ));
        assert_eq!(memory.used(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_was_read_is_held_until_the_request_ends() {
        let memory = Memory::new(1_000_000);
        let delivery = Delivery {
            memory: memory.clone(),
            ..Delivery::default()
        };
        let (request, mut payload) = TestRequest::default()
            .app_data(Data::new(delivery))
            .set_payload(vec![b' '; FREE_BYTES + 1_000])
            .to_http_parts();
        let body = Body::from_request(&request, &mut payload);
        let read = body.await.expect("a body").read_for(LIMIT, |_| 500).await;
        assert_eq!(read.expect("all of it").len(), FREE_BYTES + 1_000);
        assert_eq!(memory.used(), 1_500);
        drop(request);
        assert_eq!(memory.used(), 0);
    }

    #[tokio::test]
    async fn a_length_that_is_announced_is_refused_unread() {
        let (request, mut payload) = TestRequest::default()
            .insert_header((CONTENT_LENGTH, "17"))
            .to_http_parts();
        let body = Body::from_request(&request, &mut payload).await;
        assert!(matches!(
            body.expect("a body").read(16).await,
            Err(BodyError::TooLarge { limit: 16 })
        ));
    }
}
