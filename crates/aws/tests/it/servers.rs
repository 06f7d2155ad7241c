//! The same reads on moto and on a real S3 server.

use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use trailkeep_aws::{Aws, AwsError, ListRequest};
use trailkeep_testkit::{S3Server, moto, real_s3};

use crate::options;

async fn settings(server: &S3Server) -> Aws {
    Aws::load(options(&server.endpoint, server.access_key_id, server.secret_access_key)).await.unwrap()
}

#[tokio::test]
async fn moto_serves_the_suite() {
    let Some(server) = moto() else { return };
    suite(server).await;
}

#[tokio::test]
async fn a_real_server_serves_the_suite() {
    let Some(server) = real_s3() else { return };
    suite(server).await;
}

async fn suite(server: &S3Server) {
    let name = server.new_bucket();
    let aws = settings(server).await;
    let (store, bucket) = (aws.object_store(&name).await.unwrap(), aws.bucket(&name).unwrap());
    for key in ["b/2", "a b+c%25ü", "b/1", "b2/3", "c"] {
        store.put(&object_store::path::Path::parse(key).unwrap(), key.to_owned().into()).await.unwrap();
    }
    let keys = |prefix: &'static str| {
        let bucket = bucket.clone();
        async move { bucket.list(prefix, None).map_ok(|object| object.key).try_collect::<Vec<_>>().await.unwrap() }
    };
    assert_eq!(keys("").await, ["a b+c%25ü", "b/1", "b/2", "b2/3", "c"]);
    assert_eq!(keys("b").await, ["b/1", "b/2", "b2/3"], "a prefix need not end at a slash");
    assert_eq!(keys("b/").await, ["b/1", "b/2"]);
    assert!(keys("nothing").await.is_empty());

    let after: Vec<_> =
        bucket.list("b", Some("b/1".to_owned())).map_ok(|o| o.key).try_collect().await.unwrap();
    assert_eq!(after, ["b/2", "b2/3"]);
    let request = ListRequest { delimiter: Some("/".to_owned()), ..ListRequest::default() };
    assert_eq!(bucket.list_page(&request).await.unwrap().common_prefixes, ["b/", "b2/"]);

    let listed: Vec<_> = bucket.list("a b", None).try_collect().await.unwrap();
    let object = &listed[0];
    assert_eq!(bucket.get(&object.key, 0..object.size, &object.etag).await.unwrap(), object.key.as_bytes());
    assert_eq!(bucket.get(&object.key, 2..5, &object.etag).await.unwrap(), &object.key.as_bytes()[2..5]);
    refusals(&aws, &bucket, object).await;
    conditional_puts(&store).await;
}

async fn refusals(aws: &Aws, bucket: &trailkeep_aws::Bucket, object: &trailkeep_aws::S3Object) {
    let changed =
        bucket.get(&object.key, 0..object.size, "\"00000000000000000000000000000000\"").await.unwrap_err();
    assert!(matches!(changed, AwsError::Changed { .. }), "{changed}");
    let beyond = bucket.get(&object.key, 0..object.size + 1, &object.etag).await.unwrap_err();
    assert!(matches!(beyond, AwsError::Changed { .. }), "{beyond}");
    let gone = bucket.get("nothing", 0..1, "").await.unwrap_err();
    assert!(matches!(&gone, AwsError::NoSuchKey { uri } if uri.ends_with("/nothing")), "{gone}");
    let missing = aws.bucket("no-such-bucket").unwrap().list_page(&ListRequest::default()).await.unwrap_err();
    assert!(
        matches!(&missing, AwsError::NoSuchBucket { bucket, .. } if bucket == "no-such-bucket"),
        "{missing}"
    );
}

/// What the lake's commits stand on.
async fn conditional_puts(store: &dyn ObjectStore) {
    let (path, create) = (object_store::path::Path::from("_log/1"), PutOptions::from(PutMode::Create));
    store.put_opts(&path, "one".into(), create.clone()).await.unwrap();
    let second = store.put_opts(&path, "two".into(), create).await.unwrap_err();
    assert!(matches!(second, object_store::Error::AlreadyExists { .. }), "{second}");
}

#[tokio::test]
async fn keys_that_are_no_paths_are_read_as_they_are() {
    let Some(server) = moto() else { return };
    let name = server.new_bucket();
    for key in ["logs//AWSLogs/1", "logs/", "logs/trailing/", "/leading"] {
        assert_eq!(server.http("PUT", &format!("/{name}/{key}"), key.as_bytes()), 200);
    }
    let bucket = settings(server).await.bucket(&name).unwrap();
    let objects: Vec<_> = bucket.list("", None).try_collect().await.unwrap();
    let keys: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["/leading", "logs/", "logs//AWSLogs/1", "logs/trailing/"]);
    for object in &objects {
        assert_eq!(
            bucket.get(&object.key, 0..object.size, &object.etag).await.unwrap(),
            object.key.as_bytes()
        );
    }
    assert!(matches!(bucket.get("a/../b", 0..1, "").await.unwrap_err(), AwsError::Unusable { .. }));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let Some(server) = moto() else { return };
    let name = server.new_bucket();
    for n in 0..1100 {
        assert_eq!(server.http("PUT", &format!("/{name}/k/{n:05}"), b"x"), 200);
    }
    let bucket = settings(server).await.bucket(&name).unwrap();
    let first = bucket.list_page(&ListRequest::default()).await.unwrap();
    assert_eq!(first.objects.len(), 1000);
    assert!(first.next.is_some());
    let keys: Vec<_> = bucket.list("k/", None).map_ok(|object| object.key).try_collect().await.unwrap();
    assert_eq!(keys.len(), 1100);
    assert!(keys.is_sorted());
}

#[tokio::test]
async fn a_real_server_tells_wrong_credentials() {
    let Some(server) = real_s3() else { return };
    let name = server.new_bucket();
    let aws = Aws::load(options(&server.endpoint, server.access_key_id, "wrong-hunter2")).await.unwrap();
    let error = aws.bucket(&name).unwrap().list_page(&ListRequest::default()).await.unwrap_err();
    assert!(
        matches!(&error, AwsError::RejectedCredentials { code, .. } if code == "SignatureDoesNotMatch"),
        "{error}"
    );
    assert!(!error.to_string().contains("hunter2"));
}

#[tokio::test]
async fn storage_options_open_the_same_bucket() {
    let Some(server) = real_s3() else { return };
    let name = server.new_bucket();
    let settings = settings(server).await.storage_options(&name).await.unwrap();
    let mut builder = object_store::aws::AmazonS3Builder::new().with_bucket_name(&name);
    for (key, value) in settings {
        builder = builder.with_config(key.parse().unwrap(), value);
    }
    let store = builder.build().unwrap();
    store.put(&"x".into(), "y".into()).await.unwrap();
    assert_eq!(store.get(&"x".into()).await.unwrap().bytes().await.unwrap(), "y");
}
