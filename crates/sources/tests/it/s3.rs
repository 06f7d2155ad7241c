//! What only buckets have.

use trailkeep_aws::{Aws, AwsError, AwsOptions, Credentials};
use trailkeep_sources::{Location, SourceError, SourceOptions, Sources};
use trailkeep_testkit::{moto, real_s3};

use crate::backends::{Backend, small};
use crate::{objects, only_error, pattern, read};

#[tokio::test]
async fn an_object_replaced_while_it_is_read_is_an_error() {
    for server in [moto(), real_s3()].into_iter().flatten() {
        let backend = Backend::s3(server).await;
        backend.put("logs/x", &pattern(300_000)).await;
        let sources = backend.sources(small());
        let object = objects(&sources, &backend.location("logs/")).await.remove(0);
        let body = sources.open(&object).await.unwrap();
        backend.put("logs/x", &pattern(299_999)).await;
        let error = SourceError::from_io(read(body).await.unwrap_err()).unwrap();
        assert!(
            matches!(&error, SourceError::Aws(AwsError::Changed { uri }) if uri.ends_with("logs/x")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn globs_and_prefixes() {
    let Some(server) = moto() else { return };
    let backend = Backend::s3(server).await;
    for name in
        ["AWSLogs/1/CloudTrail/a.gz", "AWSLogs/1/Config/b.gz", "AWSLogs/2/CloudTrail/c.gz", "AWSLogs2/d.gz"]
    {
        backend.put(name, b"x").await;
    }
    let sources = backend.sources(small());
    let count = |prefix: &'static str| {
        let (sources, place) = (sources.clone(), backend.location(prefix));
        async move { objects(&sources, &place).await.len() }
    };
    assert_eq!(count("AWSLogs").await, 4);
    assert_eq!(count("AWSLogs/").await, 3);
    assert_eq!(count("AWSLogs/*/CloudTrail/*").await, 2);
    assert_eq!(count("AWSLogs*/**/*.gz").await, 4);
    let error = only_error(&sources, &backend.location("AWSLogs/*/WAF/*")).await;
    assert!(matches!(&error, SourceError::Empty { location, .. } if location.contains("WAF")), "{error}");
}

#[tokio::test]
async fn a_lake_in_the_same_bucket_is_left_out() {
    let Some(server) = moto() else { return };
    let backend = Backend::s3(server).await;
    backend.put("lake/cloudtrail_logs/x.parquet", b"x").await;
    backend.put("logs/a.json", b"x").await;
    let options = SourceOptions { exclude: vec![backend.location("lake")], ..small() };
    let sources = backend.sources(options);
    assert_eq!(objects(&sources, &backend.location("")).await.len(), 1);
    for own in ["lake/", "lake/cloudtrail_logs/"] {
        let error = only_error(&sources, &backend.location(own)).await;
        assert!(matches!(error, SourceError::OwnData { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_one_error() {
    let Some(server) = moto() else { return };
    let sources = Backend::s3(server).await.sources(small());
    let place = Location::parse("s3://no-such-bucket/logs/").unwrap();
    let error = only_error(&sources, &place).await;
    assert!(error.to_string().contains("bucket no-such-bucket does not exist"), "{error}");
    let error = only_error(&sources, &Location::parse("s3://a b/").unwrap()).await;
    assert!(error.to_string().contains("not a bucket name"), "{error}");
}

#[tokio::test]
async fn an_endpoint_where_nobody_listens_is_one_error() {
    let options = AwsOptions {
        endpoint_url: Some("http://127.0.0.1:9".to_owned()),
        credentials: Some(Credentials::new("AKIATEST", "hunter2", None, None, "test")),
        region: Some("us-east-1".to_owned()),
        ..AwsOptions::default()
    };
    let sources = Sources::with_aws(small(), Aws::load(options).await.unwrap());
    let error = only_error(&sources, &Location::parse("s3://logs/").unwrap()).await;
    assert!(error.is_transient() && error.to_string().contains("127.0.0.1:9"), "{error}");
    assert!(!error.to_string().contains("hunter2"));
}
