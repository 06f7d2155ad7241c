//! What is worked out once per table, before the first batch: which rules run, where each field
//! comes from, and by which columns rows are told apart.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::RuleSet;
use crate::candidates::Candidates;
use crate::event::BatchView;
use crate::facts;
use crate::logsource::CLOUDTRAIL;
use crate::path::Path;

/// CloudTrail columns that hold exactly what the record's text member holds. Others (booleans,
/// JSON text, lists) are read from the record, where their JSON type is still known.
const CLOUDTRAIL_TEXT: &[&str] = &[
    "apiversion",
    "awsregion",
    "errorcode",
    "errormessage",
    "eventcategory",
    "eventid",
    "eventname",
    "eventsource",
    "eventtime",
    "eventtype",
    "recipientaccountid",
    "requestid",
    "sharedeventid",
    "sourceipaddress",
    "useragent",
    "useridentity.accesskeyid",
    "useridentity.accountid",
    "useridentity.arn",
    "useridentity.invokedby",
    "useridentity.principalid",
    "useridentity.sessioncontext.sessionissuer.accountid",
    "useridentity.sessioncontext.sessionissuer.arn",
    "useridentity.sessioncontext.sessionissuer.principalid",
    "useridentity.sessioncontext.sessionissuer.type",
    "useridentity.sessioncontext.sessionissuer.username",
    "useridentity.type",
    "useridentity.username",
    "vpcendpointid",
];

/// Columns that every table has and rules may speak of.
const COMMON_TEXT: &[&str] = &["account_id", "event_uid", "region", "source_uri"];

/// Columns with few distinct values: a row's key is made of those that some rule speaks of.
const KEYS: &[(&str, &[&str])] = &[
    (
        CLOUDTRAIL,
        &[
            "eventsource",
            "eventname",
            "errorcode",
            "useridentity.type",
            "useridentity.invokedby",
            "eventtype",
            "eventcategory",
        ],
    ),
    ("s3_access_logs", &["operation", "httpstatus", "errorcode"]),
    ("vpc_flow_logs", &["action", "log_status", "flow_direction"]),
    ("cloudfront_standard_logs", &["method", "result_type"]),
    ("waf_logs", &["action", "terminatingruletype"]),
    ("api_gateway_access_logs", &["httpmethod", "status"]),
];

/// Where a field comes from.
#[derive(Debug)]
pub(crate) enum Field {
    /// From the facts about the change.
    Fact(String),
    /// From a column where the batch has it, else from the record.
    Value {
        /// Position in [`Plan::columns`].
        column: Option<usize>,
        path: Path,
    },
}

/// A table's plan.
#[derive(Debug)]
pub(crate) struct Plan {
    table: String,
    /// The rules that run, as positions in the rule set.
    pub(crate) rules: Vec<usize>,
    fields: HashMap<String, Field, RandomState>,
    /// Paths of the columns to find in each batch.
    pub(crate) columns: Vec<String>,
    /// Which of them make a row's key.
    pub(crate) keys: Vec<usize>,
    pub(crate) candidates: Candidates,
}

impl Plan {
    /// The plan for `table`; `None` where no rule runs over it.
    pub(crate) fn new(set: &RuleSet, table: &str) -> Option<Self> {
        let rules: Vec<usize> = set.rules_for(table).collect();
        if rules.is_empty() {
            return None;
        }
        let mut plan = Self {
            table: table.to_owned(),
            rules,
            fields: HashMap::default(),
            columns: Vec::new(),
            keys: Vec::new(),
            candidates: Candidates::default(),
        };
        for index in plan.rules.clone() {
            set.compiled(index).for_each_field(&mut |field| plan.add_field(field));
        }
        set.correlation_fields().for_each(|field| plan.add_field(field));
        let keys = KEYS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, keys)| keys);
        // The event's name and source say which facts there can be, so they are always known.
        let always = if plan.is_cloudtrail() { &keys[..2] } else { &[] };
        always.iter().for_each(|key| plan.add_field(key));
        if plan.is_cloudtrail() {
            plan.add_field("sourceipaddress");
        }
        plan.keys =
            keys.iter().filter_map(|key| plan.columns.iter().position(|column| column == key)).collect();
        Some(plan)
    }

    /// Whether the table holds CloudTrail events.
    pub(crate) fn is_cloudtrail(&self) -> bool {
        self.table == CLOUDTRAIL
    }

    /// The table's name.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// Where the field of this name comes from.
    #[inline]
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// Finds the plan's columns in a batch.
    pub(crate) fn view<'b>(&'b self, batch: &'b arrow::record_batch::RecordBatch) -> BatchView<'b> {
        BatchView {
            plan: self,
            batch,
            common: crate::columns::Common::of(batch),
            columns: self.columns.iter().map(|path| crate::columns::Column::find(batch, path)).collect(),
        }
    }

    fn add_field(&mut self, name: &str) {
        if self.fields.contains_key(name) {
            return;
        }
        let field = match name.strip_prefix(facts::PREFIX) {
            Some(fact) => Field::Fact(fact.to_owned()),
            None => Field::Value { column: self.column_for(name), path: Path::new(name) },
        };
        self.fields.insert(name.to_owned(), field);
    }

    fn column_for(&mut self, name: &str) -> Option<usize> {
        let path = name.to_ascii_lowercase();
        let readable = |path: &str| CLOUDTRAIL_TEXT.contains(&path) || COMMON_TEXT.contains(&path);
        if self.is_cloudtrail() && !readable(&path) {
            return None;
        }
        let position = self.columns.iter().position(|column| *column == path);
        Some(position.unwrap_or_else(|| {
            self.columns.push(path);
            self.columns.len() - 1
        }))
    }
}
