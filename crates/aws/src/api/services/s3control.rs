//! AWS S3 Control.

use crate::api::{Answer, Body, Element, Http, Location, Operation, Protocol, Service};

/// AWS S3 Control.
pub static SERVICE: Service = Service::new("s3control", "S3 Control", Protocol::RestXml)
    .signing("s3")
    .prefix("s3-control")
    .location(Location::S3Control);

/// [GetPublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3control-2018-08-20/GetPublicAccessBlock).
pub static GET_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock").http(
        Http::new("GET", "/v20180820/configuration/publicAccessBlock")
            .headers(&[("AccountId", "x-amz-account-id")])
            .answer(Answer::Member("PublicAccessBlockConfiguration")),
    );

/// [PutPublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3control-2018-08-20/PutPublicAccessBlock).
pub static PUT_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "PutPublicAccessBlock", "s3:PutAccountPublicAccessBlock").http(
        Http::new("PUT", "/v20180820/configuration/publicAccessBlock")
            .headers(&[("AccountId", "x-amz-account-id")])
            .body(Body::Xml {
                member: "PublicAccessBlockConfiguration",
                namespace: "http://awss3control.amazonaws.com/doc/2018-08-20/",
                root: Element::node(
                    "PublicAccessBlockConfiguration",
                    &[
                        Element::text("BlockPublicAcls"),
                        Element::text("IgnorePublicAcls"),
                        Element::text("BlockPublicPolicy"),
                        Element::text("RestrictPublicBuckets"),
                    ],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [DeletePublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3control-2018-08-20/DeletePublicAccessBlock).
pub static DELETE_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "DeletePublicAccessBlock", "s3:PutAccountPublicAccessBlock").http(
        Http::new("DELETE", "/v20180820/configuration/publicAccessBlock")
            .headers(&[("AccountId", "x-amz-account-id")])
            .answer(Answer::Nothing),
    );
