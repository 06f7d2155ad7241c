//! Composite alarms: rules over other alarms' states, and actions that are held back.

mod circle;
mod evaluate;
mod parse;
mod rule;
mod suppress;
#[cfg(test)]
mod tests;

pub use circle::{Order, order};
pub use evaluate::{Child, Trigger, evaluate};
pub use rule::{AlarmRule, RuleError};
pub use suppress::{Effect, Hold, Phase, SuppressedBy, step};
