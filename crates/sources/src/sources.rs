//! [`Sources`]: the crate's front door.

use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::{OnceCell, mpsc};
use trailkeep_aws::{Aws, AwsOptions};

use crate::{Body, FetchStream, Location, Object, SourceError, body, fetch, local, s3};

/// Listed local files that wait for the one who takes them.
const LISTED_AHEAD: usize = 256;

/// How to read.
#[derive(Debug, Clone)]
pub struct SourceOptions {
    /// AWS settings, resolved when the first `s3://` location is read.
    pub aws: AwsOptions,
    /// Our own data (the data folder, the lake's URL), which is never read as logs.
    pub exclude: Vec<Location>,
    /// Objects that are fetched at the same time.
    pub concurrency: usize,
    /// Bytes that fetched objects may hold in memory together.
    pub memory: u64,
    /// Objects of at most this many bytes are fetched whole.
    pub whole_limit: u64,
    /// Larger S3 objects are fetched in parts of this many bytes.
    pub chunk: u64,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            aws: AwsOptions::default(),
            exclude: Vec::new(),
            concurrency: 16,
            memory: 32 << 20,
            whole_limit: 8 << 20,
            chunk: 4 << 20,
        }
    }
}

/// How much there is to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Survey {
    /// Objects.
    pub objects: u64,
    /// Their bytes as stored, pipes not counted.
    pub bytes: u64,
}

/// Lists and opens objects. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sources {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: SourceOptions,
    /// Local paths among the exclusions, as the file system names them.
    own_paths: Vec<PathBuf>,
    aws: OnceCell<Aws>,
}

impl Sources {
    /// Sources with these options. Nothing is read yet.
    #[must_use]
    pub fn new(options: SourceOptions) -> Self {
        Self::build(options, OnceCell::new())
    }

    /// Sources that use AWS settings that are already resolved.
    #[must_use]
    pub fn with_aws(options: SourceOptions, aws: Aws) -> Self {
        Self::build(options, OnceCell::new_with(Some(aws)))
    }

    fn build(options: SourceOptions, aws: OnceCell<Aws>) -> Self {
        let own = options.exclude.iter().filter_map(|location| match location {
            // A folder that does not exist yet has nothing in it to leave out.
            Location::Path(path) => path.canonicalize().ok(),
            _ => None,
        });
        let own_paths = own.collect();
        Self { inner: Arc::new(Inner { options, own_paths, aws }) }
    }

    /// The options in use.
    #[must_use]
    pub fn options(&self) -> &SourceOptions {
        &self.inner.options
    }

    /// The AWS settings, resolved now if they were not yet.
    ///
    /// # Errors
    /// [`SourceError::Aws`] when the configured endpoint is unusable.
    pub async fn aws(&self) -> Result<&Aws, SourceError> {
        let inner = &self.inner;
        Ok(inner.aws.get_or_try_init(|| Aws::load(inner.options.aws.clone())).await?)
    }

    /// Every object at `locations`, one location after the other, each sorted by name. Listed as
    /// it is needed; an `Err` item spoils its own object or location only.
    #[must_use]
    pub fn list(&self, locations: Vec<Location>) -> BoxStream<'static, Result<Object, SourceError>> {
        let sources = self.clone();
        stream::iter(locations)
            .then(move |location| {
                let sources = sources.clone();
                async move {
                    let listed = sources.list_one(location).await;
                    listed.unwrap_or_else(|error| stream::once(std::future::ready(Err(error))).boxed())
                }
            })
            .flatten()
            .boxed()
    }

    async fn list_one(
        &self,
        location: Location,
    ) -> Result<BoxStream<'static, Result<Object, SourceError>>, SourceError> {
        match location {
            Location::Stdin => Ok(stream::once(std::future::ready(Ok(Object::stdin()))).boxed()),
            Location::Path(path) => Ok(self.list_path(path)),
            Location::S3 { bucket, prefix } => {
                let bucket = self.aws().await?.bucket(&bucket)?;
                s3::list(bucket, &prefix, &self.inner.options.exclude)
            }
        }
    }

    fn list_path(&self, path: PathBuf) -> BoxStream<'static, Result<Object, SourceError>> {
        let (sender, listed) = mpsc::channel(LISTED_AHEAD);
        let inner = Arc::clone(&self.inner);
        // Ends by itself when the stream is dropped: the next send fails.
        tokio::task::spawn_blocking(move || {
            local::list(&path, &inner.own_paths, &mut |item| sender.blocking_send(item).is_ok());
        });
        stream::unfold(listed, |mut listed| async move { listed.recv().await.map(|item| (item, listed)) })
            .boxed()
    }

    /// How much there is at `locations`, for a progress bar. What cannot be listed counts nothing
    /// here: [`Sources::list`] tells of it.
    pub async fn survey(&self, locations: Vec<Location>) -> Survey {
        let count = |mut survey: Survey, item: Result<Object, SourceError>| {
            if let Ok(object) = item {
                survey.objects += 1;
                survey.bytes += object.size.unwrap_or_default();
            }
            std::future::ready(survey)
        };
        self.list(locations).fold(Survey::default(), count).await
    }

    /// Opens one object, outside of any budget.
    ///
    /// # Errors
    /// When the object is gone, changed, or may not be read.
    pub async fn open(&self, object: &Object) -> Result<Body, SourceError> {
        body::open(object, self.inner.options.whole_limit, self.inner.options.chunk).await
    }

    /// Opens `objects` (a [`Sources::list`], perhaps with some filtered out), many at a time,
    /// within the memory budget.
    #[must_use]
    pub fn fetch(&self, objects: BoxStream<'static, Result<Object, SourceError>>) -> FetchStream {
        fetch::fetch(objects, &self.inner.options)
    }
}
