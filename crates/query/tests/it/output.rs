//! The writers, on one result that has everything awkward in it.

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use trailkeep_query::QueryResult;
use trailkeep_query::output::{OutputFormat, table, write_result};

use crate::estate;

async fn result() -> QueryResult {
    let estate = estate::fixed().await;
    let sql =
        "SELECT event_time AS \"When\", useragent, tlsdetails, CAST(sourceipaddress AS IPADDRESS) AS ip,
                 length(eventname) AS n, errorcode, CAST(event_time AS DATE) AS day, '' AS nothing
               FROM cloudtrail_logs WHERE eventname IN ('Invoke', 'Decrypt') ORDER BY event_time";
    estate.engine.sql(sql, Some(10)).await.unwrap()
}

async fn written(format: OutputFormat) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(write_result(result().await, format, &mut out).await.unwrap(), 2);
    out
}

#[tokio::test]
async fn text_formats_are_as_written() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    insta::assert_snapshot!("json", text(written(OutputFormat::Json).await));
    insta::assert_snapshot!("ndjson", text(written(OutputFormat::Ndjson).await));
    insta::assert_snapshot!("csv", text(written(OutputFormat::Csv).await));
    insta::assert_snapshot!("table", text(written(OutputFormat::Table).await));
}

#[tokio::test]
async fn a_cut_table_says_so() {
    let estate = estate::fixed().await;
    let cut =
        estate.engine.sql("SELECT eventname FROM cloudtrail_logs ORDER BY eventtime", Some(1)).await.unwrap();
    insta::assert_snapshot!(table(&cut, Some(60)));
}

#[tokio::test]
async fn parquet_reads_back() {
    let bytes = written(OutputFormat::Parquet).await;
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().unwrap();
    assert_eq!(batches[0].num_rows(), 2);
    assert_eq!(batches[0].schema().field(0).name(), "When");
}

#[tokio::test]
async fn no_rows_are_valid_output() {
    let estate = estate::fixed().await;
    for (format, expected) in
        [(OutputFormat::Json, "[]\n"), (OutputFormat::Ndjson, ""), (OutputFormat::Csv, "eventname\n")]
    {
        let none =
            estate.engine.sql("SELECT eventname FROM cloudtrail_logs WHERE false", None).await.unwrap();
        let mut out = Vec::new();
        write_result(none, format, &mut out).await.unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
