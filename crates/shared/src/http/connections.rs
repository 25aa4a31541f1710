//! Connections with deadlines: nobody keeps one by being slow.
//!
//! The framework's own deadlines end at the head of the first request of a connection. Here every head has one, and so has
//! every answer that its reader does not take. Deadlines of bodies are in [`body`](super::body), of pauses between requests
//! the framework's (keep-alive).

use std::{
    cell::Cell,
    future::Future as _,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{HttpRequest, dev::ServiceRequest};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// From the first byte of a request's head to its last.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// The same while more than half of the connections are taken.
const HEAD_DEADLINE_IN_A_CROWD: Duration = Duration::from_secs(2);
/// How long an answer may wait for its reader, all pauses together; what the reader takes earns new patience.
pub const READER_PATIENCE: Duration = Duration::from_secs(30);
/// What a reader takes for each second of patience.
pub const READER_BYTES_PER_SECOND: u32 = 16 * 1024;

/// All connections of a server.
#[derive(Debug)]
pub struct Connections {
    open: AtomicUsize,
    limit: usize,
}

impl Connections {
    /// None yet, and at most `limit`.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            open: AtomicUsize::new(0),
            limit,
        })
    }

    /// Whether more than half of them are taken.
    fn is_crowded(&self) -> bool {
        self.open.load(Ordering::Relaxed) > self.limit.div_ceil(2)
    }
}

/// What a connection is doing, as its requests and its stream tell each other.
#[derive(Clone)]
pub struct Activity(Rc<Shared>);

struct Shared {
    /// Requests under way.
    under_way: Cell<usize>,
    /// Requests that ever began.
    begun: Cell<u64>,
    connections: Arc<Connections>,
}

impl Activity {
    fn of(connections: &Arc<Connections>) -> Self {
        connections.open.fetch_add(1, Ordering::Relaxed);
        Self(Rc::new(Shared {
            under_way: Cell::new(0),
            begun: Cell::new(0),
            connections: Arc::clone(connections),
        }))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.connections.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that is under way until this is dropped.
pub struct UnderWay(Activity);

impl UnderWay {
    /// Notes that a request has begun; `None` where connections are not watched, as in tests.
    #[must_use]
    pub fn begin(request: &ServiceRequest) -> Option<Self> {
        let activity = request.conn_data::<Activity>()?.clone();
        let shared = &activity.0;
        shared
            .under_way
            .set(shared.under_way.get().saturating_add(1));
        shared.begun.set(shared.begun.get().wrapping_add(1));
        Some(Self(activity))
    }
}

impl UnderWay {
    /// Whether this connection should end with the answer, so that others get one.
    #[must_use]
    pub fn should_be_the_last(&self) -> bool {
        self.0.0.connections.is_crowded()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let under_way = &self.0.0.under_way;
        under_way.set(under_way.get().saturating_sub(1));
    }
}

/// Whether the server has so many connections that nobody should keep one for long.
#[must_use]
pub fn is_crowded(request: &HttpRequest) -> bool {
    request
        .conn_data::<Activity>()
        .is_some_and(|activity| activity.0.connections.is_crowded())
}

/// A connection that ends when its client is too slow.
pub struct Watched<S = TcpStream> {
    stream: S,
    activity: Activity,
    head: Option<Head>,
    reader: Reader,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// A head of which some bytes are there.
#[derive(Clone, Copy)]
struct Head {
    deadline: Instant,
    /// Requests that had begun when its first byte came.
    begun: u64,
}

/// The reader of answers.
struct Reader {
    patience: Duration,
    waiting_since: Option<Instant>,
}

impl<S> Watched<S> {
    /// Watches one of the server's connections.
    pub fn new(stream: S, connections: &Arc<Connections>) -> Self {
        Self {
            stream,
            activity: Activity::of(connections),
            head: None,
            reader: Reader {
                patience: READER_PATIENCE,
                waiting_since: None,
            },
            alarm: None,
        }
    }

    /// What its requests tell it.
    #[must_use]
    pub fn activity(&self) -> Activity {
        self.activity.clone()
    }

    /// Some bytes came: of the next head, unless a request is under way.
    fn note_read(&mut self) {
        let shared = &self.activity.0;
        if shared.under_way.get() > 0 || self.head.is_some() {
            return;
        }
        let patience = if shared.connections.is_crowded() {
            HEAD_DEADLINE_IN_A_CROWD
        } else {
            HEAD_DEADLINE
        };
        self.head = Some(Head {
            deadline: Instant::now() + patience,
            begun: shared.begun.get(),
        });
    }

    /// The head is complete when a request has begun since its first byte.
    fn forget_complete_head(&mut self) {
        let shared = &self.activity.0;
        let is_complete =
            |head: &Head| head.begun != shared.begun.get() || shared.under_way.get() > 0;
        if self.head.as_ref().is_some_and(is_complete) {
            self.head = None;
        }
    }

    fn note_written(&mut self, bytes: usize) {
        let now = Instant::now();
        if let Some(since) = self.reader.waiting_since.take() {
            self.reader.patience = self.reader.patience.saturating_sub(now - since);
        }
        let earned = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX))
            / f64::from(READER_BYTES_PER_SECOND);
        self.reader.patience = self
            .reader
            .patience
            .saturating_add(Duration::from_secs_f64(earned))
            .min(READER_PATIENCE);
    }

    fn note_blocked(&mut self) {
        self.reader.waiting_since.get_or_insert_with(Instant::now);
    }

    /// When this connection has to end if nothing happens.
    fn deadline(&self) -> Option<Instant> {
        let head = self.head.map(|head| head.deadline);
        let reader = self
            .reader
            .waiting_since
            .map(|since| since + self.reader.patience);
        match (head, reader) {
            (Some(head), Some(reader)) => Some(head.min(reader)),
            (one, other) => one.or(other),
        }
    }

    /// Wakes the task when a deadline is over; answers whether one is.
    ///
    /// The alarm is set once and looks at the deadline of the moment when it goes off: setting it for every request would cost
    /// each of them something.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let Some(deadline) = self.deadline() else {
            return false;
        };
        if deadline <= Instant::now() {
            return true;
        }
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if alarm.deadline() > deadline {
            alarm.as_mut().reset(deadline);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if deadline <= Instant::now() {
                return true;
            }
            alarm.as_mut().reset(deadline);
        }
        false
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client is too slow")
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.forget_complete_head();
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(done) => {
                if buffer.filled().len() > before {
                    this.note_read();
                }
                Poll::Ready(done)
            }
            Poll::Pending if this.is_late(context) => Poll::Ready(Err(too_slow())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_write(context, bytes) {
            Poll::Ready(Ok(count)) => {
                this.note_written(count);
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                this.note_blocked();
                if this.is_late(context) {
                    Poll::Ready(Err(too_slow()))
                } else {
                    Poll::Pending
                }
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        Poll::Ready(Ok(()))
    }
}

impl Watched<TcpStream> {
    /// The connection itself.
    #[must_use]
    pub fn socket(&self) -> &TcpStream {
        &self.stream
    }

    /// Where the other end is.
    #[must_use]
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.stream.peer_addr().ok()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_ends_the_connection() {
        let (mut client, server) = duplex(1024);
        let mut watched = Watched::new(server, &Connections::new(10));
        client.write_all(b"GET / HT").await.expect("room");
        let mut bytes = [0; 64];
        assert_eq!(watched.read(&mut bytes).await.expect("some bytes"), 8);
        let error = watched.read(&mut bytes).await.expect_err("an end");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn the_head_of_a_later_request_has_a_deadline_too() {
        let (mut client, server) = duplex(1024);
        let mut watched = Watched::new(server, &Connections::new(10));
        let activity = watched.activity();
        let mut bytes = [0; 64];
        client.write_all(b"one whole request").await.expect("room");
        assert_eq!(watched.read(&mut bytes).await.expect("some bytes"), 17);
        // Served between two reads.
        activity.0.begun.set(1);
        client.write_all(b"GET").await.expect("room");
        assert_eq!(watched.read(&mut bytes).await.expect("some bytes"), 3);
        let error = watched.read(&mut bytes).await.expect_err("an end");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_may_take_its_time() {
        let (mut client, server) = duplex(1024);
        let mut watched = Watched::new(server, &Connections::new(10));
        let activity = watched.activity();
        let mut bytes = [0; 64];
        client.write_all(b"one whole request").await.expect("room");
        assert_eq!(watched.read(&mut bytes).await.expect("some bytes"), 17);
        activity.0.under_way.set(1);
        let later = tokio::time::timeout(Duration::from_secs(3_600), watched.read(&mut bytes));
        assert!(later.await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_ends_the_connection() {
        let (_client, server) = duplex(16);
        let mut watched = Watched::new(server, &Connections::new(10));
        let error = watched.write_all(&[0; 64]).await.expect_err("an end");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_is_slow_but_fair_gets_the_whole_answer() {
        let (mut client, server) = duplex(16 * 1024);
        let mut watched = Watched::new(server, &Connections::new(10));
        let reading = async {
            let mut bytes = vec![0; 16 * 1024];
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(900)).await;
                client.read_exact(&mut bytes).await.expect("16 KiB");
            }
        };
        let answer = vec![0; 100 * 16 * 1024];
        let (written, ()) = tokio::join!(watched.write_all(&answer), reading);
        written.expect("all of it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_takes_a_byte_now_and_then_does_not() {
        let (mut client, server) = duplex(1024);
        let mut watched = Watched::new(server, &Connections::new(10));
        let reading = async {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if client.read_u8().await.is_err() {
                    break;
                }
            }
        };
        let writing = async move {
            let written = watched.write_all(&vec![0; 1024 * 1024]).await;
            drop(watched);
            written
        };
        let (written, ()) = tokio::join!(writing, reading);
        assert_eq!(written.expect_err("an end").kind(), io::ErrorKind::TimedOut);
    }
}
