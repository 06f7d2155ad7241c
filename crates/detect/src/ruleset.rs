//! Rules, loaded: parsed, compiled, filters applied, correlations resolved.

use std::collections::{HashMap, HashSet};

use rsigma_eval::CompiledRule;
use rsigma_parser::{CorrelationRule, FilterRule, FilterRuleTarget, SigmaRule};

use crate::cases::{Case, CaseResult};
use crate::compile::Compiled;
use crate::correlation::Correlation;
use crate::document::{Document, documents, line_in_message, line_of_key, one_line};
use crate::finding::finding_id;
use crate::logsource;
use crate::{Finding, Level, RuleError, RuleInfo, RuleKind, Signal};

/// A rule that speaks of one event.
#[derive(Clone, Debug)]
struct Detection {
    info: RuleInfo,
    /// As compiled, before filters.
    base: CompiledRule,
    /// As it runs.
    compiled: Compiled,
}

/// A correlation with what its document says.
#[derive(Clone, Debug)]
struct Correlating {
    info: RuleInfo,
    rule: CorrelationRule,
    /// Which load brought it: rules of the same load that it names are silent unless it says
    /// `generate: true`; rules of other loads are never silenced by it.
    load: usize,
    compiled: Option<Correlation>,
}

/// Rules, ready to run.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    detections: Vec<Detection>,
    correlations: Vec<Correlating>,
    filters: Vec<(FilterRule, String)>,
    /// Which load brought each detection.
    loads: HashMap<String, usize>,
    load: usize,
    infos: Vec<RuleInfo>,
    cases: Vec<Case>,
}

impl RuleSet {
    /// The pack that ships with Trailkeep.
    ///
    /// # Errors
    /// Every rule of the pack that does not load. There are none in a build that passed its tests.
    pub fn builtin() -> Result<Self, Vec<RuleError>> {
        let files = crate::pack::FILES.iter().map(|file| (file.name, file.yaml));
        let (mut set, errors) = Self::load(files);
        if !errors.is_empty() {
            return Err(errors);
        }
        for file in crate::pack::FILES {
            let Some(tests) = file.tests else { continue };
            set.add_cases(file.name, tests).map_err(|error| vec![error])?;
        }
        Ok(set)
    }

    /// Loads rule files, given as names and texts. A bad rule gives an error and does not stop
    /// the others.
    pub fn load<N: AsRef<str>, Y: AsRef<str>>(
        files: impl IntoIterator<Item = (N, Y)>,
    ) -> (Self, Vec<RuleError>) {
        Self::default().extend(files)
    }

    /// Loads more rule files onto these rules. A rule with the id of one that is there already
    /// replaces it; filters and correlations may speak of rules of both.
    pub fn extend<N: AsRef<str>, Y: AsRef<str>>(
        mut self,
        files: impl IntoIterator<Item = (N, Y)>,
    ) -> (Self, Vec<RuleError>) {
        self.load += 1;
        let mut errors = Vec::new();
        let mut ids = HashMap::new();
        for (name, text) in files {
            for document in documents(text.as_ref()) {
                self.add_document(name.as_ref(), &document, &mut ids, &mut errors);
            }
        }
        self.settle(&mut errors);
        (self, errors)
    }

    /// Both sets together; of two rules with one id, `other`'s is kept.
    pub fn merge(mut self, other: Self) -> (Self, Vec<RuleError>) {
        let (mut errors, offset) = (Vec::new(), self.load);
        for detection in other.detections {
            let load = other.loads.get(&detection.info.id).copied().unwrap_or_default();
            self.loads.insert(detection.info.id.clone(), load + offset);
            self.put_detection(detection);
        }
        for mut correlation in other.correlations {
            correlation.load += offset;
            self.put_correlation(correlation);
        }
        self.load += other.load;
        self.filters.extend(other.filters);
        self.cases.extend(other.cases);
        self.settle(&mut errors);
        (self, errors)
    }

    /// Keeps the rules that `keep` says yes to. A correlation goes when a rule it names goes.
    pub fn retain(&mut self, keep: impl Fn(&RuleInfo) -> bool) {
        self.detections.retain(|detection| keep(&detection.info));
        self.correlations.retain(|correlation| keep(&correlation.info));
        self.settle(&mut Vec::new());
    }

    /// Every rule, detections first, each kind in the order loaded.
    pub fn rules(&self) -> &[RuleInfo] {
        &self.infos
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.infos.iter().find(|info| info.id == id)
    }

    /// Evaluates a correlation over the signals kept for it. Pure: the order of the signals and
    /// duplicates among them change nothing, and the same signals give the same findings under the
    /// same ids. One finding per group and burst. Unknown ids give none.
    pub fn correlate(&self, correlation_rule_id: &str, signals: &[Signal]) -> Vec<Finding> {
        let found = self.correlations.iter().find(|correlation| correlation.info.id == correlation_rule_id);
        let Some((correlating, compiled)) = found.and_then(|found| Some((found, found.compiled.as_ref()?)))
        else {
            return Vec::new();
        };
        compiled.findings(&correlating.info, signals)
    }

    /// How far back signals of this correlation matter, counted from the newest event.
    pub fn correlation_span(&self, correlation_rule_id: &str) -> Option<chrono::TimeDelta> {
        let found =
            self.correlations.iter().find(|correlation| correlation.info.id == correlation_rule_id)?;
        Some(found.compiled.as_ref()?.span())
    }

    /// Adds the test events of a rule file: the text of the `.test.json` beside it.
    ///
    /// # Errors
    /// What is wrong with the test file.
    pub fn add_cases(&mut self, rule_file: &str, json: &str) -> Result<(), RuleError> {
        self.cases.extend(crate::cases::parse(rule_file, json)?);
        Ok(())
    }

    /// Runs every test case added, each against the rules of its own file (and the ones they name).
    pub fn run_tests(&self) -> Vec<CaseResult> {
        crate::cases::run(self, &self.cases)
    }

    /// The rule files that have no test case, in order.
    pub fn untested_files(&self) -> Vec<&str> {
        let tested: HashSet<&str> = self.cases.iter().map(|case| case.file.as_str()).collect();
        let mut files: Vec<&str> = self.infos.iter().map(|info| info.file.as_str()).collect();
        files.retain(|file| !tested.contains(file));
        files.sort_unstable();
        files.dedup();
        files
    }

    pub(crate) fn rules_for(&self, table: &str) -> impl Iterator<Item = usize> {
        let runs = move |detection: &Detection| detection.info.tables.iter().any(|name| name == table);
        self.detections
            .iter()
            .enumerate()
            .filter(move |(_, detection)| runs(detection))
            .map(|(index, _)| index)
    }

    pub(crate) fn compiled(&self, index: usize) -> &Compiled {
        &self.detections[index].compiled
    }

    pub(crate) fn info(&self, index: usize) -> &RuleInfo {
        &self.detections[index].info
    }

    /// For each rule, the correlations that count its matches.
    pub(crate) fn counted_by(&self) -> Vec<Vec<usize>> {
        let counting = |rule: usize| {
            let all = self.correlations.iter().enumerate();
            all.filter(move |(_, correlation)| correlation.compiled.as_ref().is_some_and(|c| c.counts(rule)))
        };
        (0..self.detections.len()).map(|rule| counting(rule).map(|(index, _)| index).collect()).collect()
    }

    pub(crate) fn correlation(&self, index: usize) -> Option<(&RuleInfo, &Correlation)> {
        let correlation = self.correlations.get(index)?;
        Some((&correlation.info, correlation.compiled.as_ref()?))
    }

    pub(crate) fn correlation_fields(&self) -> impl Iterator<Item = &str> {
        self.correlations
            .iter()
            .filter_map(|correlation| correlation.compiled.as_ref())
            .flat_map(Correlation::fields)
    }

    fn add_document(
        &mut self,
        file: &str,
        document: &Document<'_>,
        ids: &mut HashMap<String, String>,
        errors: &mut Vec<RuleError>,
    ) {
        let origin = Origin { file, document };
        let collection = match rsigma_parser::parse_sigma_yaml(document.text) {
            Ok(collection) => collection,
            Err(error) => return errors.push(origin.unreadable(&error.to_string())),
        };
        let loaded = !collection.is_empty();
        errors.extend(
            collection.errors.iter().map(|message| RuleError { loaded, ..origin.unreadable(message) }),
        );
        let mut is_new =
            |id: &str, title: &str| match ids.insert(id.to_owned(), format!("{file} ('{title}')")) {
                None => Ok(()),
                Some(first) => {
                    Err((format!("id {id} is taken by {first}"), "give the rule an id of its own".to_owned()))
                }
            };
        for rule in collection.rules {
            let title = rule.title.clone();
            let added = is_new(&id_of(rule.id.as_deref(), &title), &title)
                .and_then(|()| self.add_rule(&origin, rule));
            errors.extend(added.err().map(|what| origin.error(Some(&title), what)));
        }
        for rule in collection.correlations {
            let title = rule.title.clone();
            match is_new(&id_of(rule.id.as_deref(), &title), &title) {
                Ok(()) => self.add_correlation(&origin, rule),
                Err(what) => errors.push(origin.error(Some(&title), what)),
            }
        }
        self.filters.extend(collection.filters.into_iter().map(|filter| (filter, file.to_owned())));
    }

    fn add_rule(&mut self, origin: &Origin<'_>, rule: SigmaRule) -> Result<(), (String, String)> {
        let tables = logsource::tables_of(&rule.logsource)?;
        let base = rsigma_eval::compile_rule(&rule).map_err(|error| {
            (error.to_string(), "compare the detection with the Sigma rule specification".to_owned())
        })?;
        let info = RuleInfo {
            id: id_of(rule.id.as_deref(), &rule.title),
            title: rule.title,
            name: rule.name,
            kind: RuleKind::Detection,
            level: rule.level.map_or(Level::Medium, Level::from),
            status: rule.status.map(|status| format!("{status:?}").to_lowercase()),
            description: rule.description.unwrap_or_default().trim().to_owned(),
            author: rule.author,
            tags: rule.tags,
            false_positives: rule.falsepositives,
            references: rule.references,
            logsource: logsource::in_words(&rule.logsource),
            tables: tables.into_iter().map(str::to_owned).collect(),
            file: origin.file.to_owned(),
            line: origin.document.line,
            source: origin.document.text.to_owned(),
            reports: true,
        };
        self.loads.insert(info.id.clone(), self.load);
        let compiled = Compiled::new(base.clone());
        self.put_detection(Detection { info, base, compiled });
        Ok(())
    }

    fn add_correlation(&mut self, origin: &Origin<'_>, rule: CorrelationRule) {
        let info = RuleInfo {
            id: id_of(rule.id.as_deref(), &rule.title),
            title: rule.title.clone(),
            name: rule.name.clone(),
            kind: RuleKind::Correlation,
            level: rule.level.map_or(Level::Medium, Level::from),
            status: rule.status.map(|status| format!("{status:?}").to_lowercase()),
            description: rule.description.clone().unwrap_or_default().trim().to_owned(),
            author: rule.author.clone(),
            tags: rule.tags.clone(),
            false_positives: rule.falsepositives.clone(),
            references: rule.references.clone(),
            logsource: String::new(),
            tables: Vec::new(),
            file: origin.file.to_owned(),
            line: origin.document.line,
            source: origin.document.text.to_owned(),
            reports: true,
        };
        self.put_correlation(Correlating { info, rule, load: self.load, compiled: None });
    }

    fn put_detection(&mut self, detection: Detection) {
        match self.detections.iter_mut().find(|other| other.info.id == detection.info.id) {
            Some(other) => *other = detection,
            None => self.detections.push(detection),
        }
    }

    fn put_correlation(&mut self, correlation: Correlating) {
        match self.correlations.iter_mut().find(|other| other.info.id == correlation.info.id) {
            Some(other) => *other = correlation,
            None => self.correlations.push(correlation),
        }
    }

    /// Applies filters, resolves correlations and rebuilds the list, after rules came or went.
    fn settle(&mut self, errors: &mut Vec<RuleError>) {
        self.apply_filters(errors);
        self.resolve_correlations(errors);
        let correlations = self.correlations.iter().map(|correlation| &correlation.info);
        self.infos =
            self.detections.iter().map(|detection| &detection.info).chain(correlations).cloned().collect();
    }

    fn apply_filters(&mut self, errors: &mut Vec<RuleError>) {
        let mut engine = rsigma_eval::Engine::new();
        engine.extend_compiled_rules(self.detections.iter().map(|detection| detection.base.clone()));
        let known = |wanted: &str| {
            self.detections
                .iter()
                .any(|detection| detection.info.id == wanted || detection.info.title == wanted)
        };
        self.filters.retain(|(filter, file)| {
            let fault = match &filter.rules {
                FilterRuleTarget::Specific(rules) => rules.iter().find(|rule| !known(rule)).map(|rule| {
                    (
                        format!("filter names rule '{rule}', which is not loaded"),
                        "name a rule by its id".to_owned(),
                    )
                }),
                FilterRuleTarget::Any => None,
            };
            let fault = fault.or_else(|| {
                engine.apply_filter(filter).err().map(|error| (error.to_string(), String::new()))
            });
            let ok = fault.is_none();
            errors.extend(fault.map(|(message, hint)| RuleError {
                file: file.clone(),
                line: None,
                title: Some(filter.title.clone()),
                message,
                hint,
                loaded: false,
            }));
            ok
        });
        for (detection, rule) in self.detections.iter_mut().zip(engine.rules()) {
            detection.compiled = Compiled::new(rule.clone());
        }
    }

    fn resolve_correlations(&mut self, errors: &mut Vec<RuleError>) {
        let infos: Vec<&RuleInfo> = self.detections.iter().map(|detection| &detection.info).collect();
        let mut resolved = Vec::with_capacity(self.correlations.len());
        for correlation in &self.correlations {
            let compiled = Correlation::new(&correlation.rule, &infos);
            resolved.push(compiled.map_err(|(message, hint)| {
                errors.push(RuleError {
                    file: correlation.info.file.clone(),
                    line: Some(correlation.info.line),
                    title: Some(correlation.info.title.clone()),
                    message,
                    hint,
                    loaded: false,
                });
            }));
        }
        for (correlation, compiled) in self.correlations.iter_mut().zip(resolved) {
            correlation.compiled = compiled.ok();
        }
        self.correlations.retain(|correlation| correlation.compiled.is_some());
        for correlation in &mut self.correlations {
            let bases = correlation.compiled.iter().flat_map(Correlation::bases);
            let mut tables: Vec<String> =
                bases.flat_map(|index| self.detections[index].info.tables.iter().cloned()).collect();
            tables.sort_unstable();
            tables.dedup();
            correlation.info.tables = tables;
        }
        for (index, detection) in self.detections.iter_mut().enumerate() {
            let load = self.loads.get(&detection.info.id);
            let naming = self.correlations.iter().filter(|correlation| {
                Some(&correlation.load) == load
                    && correlation.compiled.as_ref().is_some_and(|c| c.counts(index))
            });
            let speaking: Vec<bool> = naming.map(|correlation| correlation.rule.generate).collect();
            detection.info.reports = speaking.is_empty() || speaking.contains(&true);
        }
    }
}

/// Where a document stands.
struct Origin<'a> {
    file: &'a str,
    document: &'a Document<'a>,
}

impl Origin<'_> {
    fn error(&self, title: Option<&str>, (message, hint): (String, String)) -> RuleError {
        // rsigma does not say where in the document; the part that the message is about is close.
        let key = if message.contains("logsource") { "logsource" } else { "detection" };
        let line = line_of_key(self.document.text, key).unwrap_or(1);
        RuleError {
            file: self.file.to_owned(),
            line: Some(self.document.line + line - 1),
            title: title.map(str::to_owned),
            message: one_line(&message),
            hint,
            loaded: false,
        }
    }

    fn unreadable(&self, message: &str) -> RuleError {
        let text = self.document.text;
        // A condition's parser counts lines within the condition, YAML's within the document.
        let line = if message.contains("ondition") {
            line_of_key(text, "condition")
        } else {
            line_in_message(message).or_else(|| line_of_key(text, "detection"))
        };
        let title = text.lines().find_map(|line| line.strip_prefix("title:"));
        RuleError {
            file: self.file.to_owned(),
            line: Some(self.document.line + line.unwrap_or(1) - 1),
            title: title.map(|title| title.trim().trim_matches(['\'', '"']).to_owned()),
            message: one_line(message),
            hint: "correct the document and load it again".to_owned(),
            loaded: false,
        }
    }
}

/// A rule's id; for one without, a hash of its title in its place.
fn id_of(id: Option<&str>, title: &str) -> String {
    id.map_or_else(|| finding_id(&["rule", title]), str::to_owned)
}
