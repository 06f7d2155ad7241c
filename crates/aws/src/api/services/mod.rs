//! The catalogue: one file per service, one static per operation.

pub mod apigateway;
pub mod apigatewayv2;
pub mod bedrock;
pub mod cloudfront;
pub mod cloudtrail;
pub mod config;
pub mod ecs;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod elbv2;
pub mod es;
pub mod guardduty;
pub mod kafka;
pub mod network_firewall;
pub mod rds;
pub mod redshift;
pub mod redshift_serverless;
pub mod route53;
pub mod route53resolver;
pub mod securityhub;
pub mod states;
pub mod wafv2;
