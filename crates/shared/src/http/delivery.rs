//! Answers on their way out: large ones in pieces and only while there is memory for them, compressed where the client can read
//! that.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method,
        header::{
            ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, Encoding, Header as _, HeaderValue,
            VARY,
        },
    },
    middleware::Next,
    web::{Bytes, Data},
};

use super::{
    connections::UnderWay,
    gzip::{self, Gzip},
    memory::{FREE_BYTES, Hold, Memory},
};

/// Answers below are as short without compression: with its frame and the header for it.
const MIN_COMPRESSED_BYTES: usize = 1024;
/// So much of a large answer is given to the connection at once.
const PIECE_BYTES: usize = 32 * 1024;

/// How a server delivers its answers.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What large requests and answers share.
    pub memory: Memory,
    /// Whether answers are compressed for clients that can read them so.
    pub compresses: bool,
    /// The answer while there is no memory for a larger one.
    pub over_capacity: fn() -> HttpResponse,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            memory: Memory::unlimited(),
            compresses: false,
            over_capacity: || HttpResponse::ServiceUnavailable().finish(),
        }
    }
}

/// Middleware: delivers answers as the application's [`Delivery`] says.
///
/// # Errors
/// What the inner service answers; a body that cannot be read.
pub async fn deliver<B: MessageBody + 'static>(
    delivery: Data<Delivery>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let under_way = UnderWay::begin(&request);
    let reads_gzip = delivery.compresses && reads_gzip(&request);
    let mut response = next.call(request).await?;
    if under_way.as_ref().is_some_and(UnderWay::should_be_the_last) {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    let BodySize::Sized(bytes) = response.response().body().size() else {
        return Ok(response.map_into_boxed_body());
    };
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let is_worth_it =
        bytes >= MIN_COMPRESSED_BYTES && !response.headers().contains_key(CONTENT_ENCODING);
    if delivery.compresses && is_worth_it {
        let vary = HeaderValue::from_static("accept-encoding");
        response.headers_mut().append(VARY, vary);
    }
    let compresses = reads_gzip && is_worth_it;
    if compresses {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, gzip);
    }
    if bytes <= FREE_BYTES {
        return if compresses {
            compressed(response).await
        } else {
            Ok(response.map_into_boxed_body())
        };
    }
    let mut hold = delivery.memory.hold();
    if !hold.grow(bytes) {
        let (request, _too_large) = response.into_parts();
        return Ok(ServiceResponse::new(request, (delivery.over_capacity)()));
    }
    Ok(response.map_body(|_, body| {
        BoxBody::new(Large {
            body: Box::pin(body),
            rest: Bytes::new(),
            gzip: compresses.then(Gzip::new),
            is_over: false,
            bytes,
            _hold: hold,
            _under_way: under_way,
        })
    }))
}

fn reads_gzip(request: &ServiceRequest) -> bool {
    // HEAD tells nothing about a body that does not come.
    if request.method() == Method::HEAD || !request.headers().contains_key(ACCEPT_ENCODING) {
        return false;
    }
    let Ok(accepted) = AcceptEncoding::parse(request) else {
        return false;
    };
    let offered = [Encoding::gzip(), Encoding::identity()];
    accepted.negotiate(offered.iter()) == Some(Encoding::gzip())
}

async fn compressed<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|error| actix_web::error::ErrorInternalServerError(error.into()))?;
    let body = gzip::whole(&body)?;
    Ok(ServiceResponse::new(
        request,
        response.set_body(BoxBody::new(body)),
    ))
}

/// A large body: in pieces, so that what waits for the client is not copied once more.
struct Large<B> {
    body: Pin<Box<B>>,
    rest: Bytes,
    gzip: Option<Gzip>,
    is_over: bool,
    bytes: usize,
    _hold: Hold,
    _under_way: Option<UnderWay>,
}

impl<B: MessageBody> Large<B> {
    /// The next piece as it is.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        while self.rest.is_empty() {
            match ready!(self.body.as_mut().poll_next(context)) {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(error)) => {
                    let error = actix_web::error::ErrorInternalServerError(error.into());
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

impl<B: MessageBody> MessageBody for Large<B> {
    type Error = Error;

    fn size(&self) -> BodySize {
        match self.gzip {
            Some(_) => BodySize::Stream,
            None => BodySize::Sized(u64::try_from(self.bytes).unwrap_or(u64::MAX)),
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        loop {
            if this.is_over {
                return Poll::Ready(None);
            }
            let piece = ready!(this.poll_piece(context)).transpose()?;
            let Some(gzip) = &mut this.gzip else {
                return Poll::Ready(piece.map(Ok));
            };
            this.is_over = piece.is_none();
            let compressed = match piece {
                Some(piece) => gzip.push(&piece)?,
                None => gzip.finish()?,
            };
            // Little may stay in the compressor until there is more.
            if !compressed.is_empty() {
                return Poll::Ready(Some(Ok(compressed)));
            }
        }
    }
}
