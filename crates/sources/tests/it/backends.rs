//! The places the conformance suite runs on.

use std::fs;
use std::time::Duration;

use object_store::ObjectStoreExt;
use object_store::aws::AmazonS3;
use object_store::path::Path;
use tempfile::TempDir;
use trailkeep_aws::{Aws, AwsOptions, Credentials, RetryPolicy};
use trailkeep_sources::{Location, SourceOptions, Sources};
use trailkeep_testkit::S3Server;

/// Small limits, so that small objects show what large ones do.
pub(crate) fn small() -> SourceOptions {
    SourceOptions {
        concurrency: 4,
        memory: 256 << 10,
        whole_limit: 16 << 10,
        chunk: 10_000,
        ..SourceOptions::default()
    }
}

/// A place to put objects in and to read them from.
pub(crate) enum Backend {
    Folder(TempDir),
    S3 { store: AmazonS3, bucket: String, aws: Aws },
}

impl Backend {
    pub(crate) fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn s3(server: &S3Server) -> Self {
        let credentials =
            Credentials::new(server.access_key_id, server.secret_access_key, None, None, "test");
        let options = AwsOptions {
            region: Some(server.region.to_owned()),
            endpoint_url: Some(server.endpoint.clone()),
            credentials: Some(credentials),
            retry: RetryPolicy { base: Duration::from_millis(1), max_attempts: 3, ..RetryPolicy::default() },
            ..AwsOptions::default()
        };
        let (aws, bucket) = (Aws::load(options).await.unwrap(), server.new_bucket());
        Self::S3 { store: aws.object_store(&bucket).await.unwrap(), bucket, aws }
    }

    pub(crate) fn sources(&self, options: SourceOptions) -> Sources {
        match self {
            Self::Folder(_) => Sources::new(options),
            Self::S3 { aws, .. } => Sources::with_aws(options, aws.clone()),
        }
    }

    /// The place under `name`, which ends with `/` for all that is in it.
    pub(crate) fn location(&self, name: &str) -> Location {
        match self {
            Self::Folder(folder) => Location::Path(folder.path().join(name)),
            Self::S3 { bucket, .. } => Location::S3 { bucket: bucket.clone(), prefix: name.to_owned() },
        }
    }

    pub(crate) async fn put(&self, name: &str, bytes: &[u8]) {
        match self {
            Self::Folder(folder) => {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            Self::S3 { store, .. } => {
                store.put(&Path::parse(name).unwrap(), bytes.to_vec().into()).await.unwrap();
            }
        }
    }

    pub(crate) async fn delete(&self, name: &str) {
        match self {
            Self::Folder(folder) => fs::remove_file(folder.path().join(name)).unwrap(),
            Self::S3 { store, .. } => store.delete(&Path::parse(name).unwrap()).await.unwrap(),
        }
    }
}
