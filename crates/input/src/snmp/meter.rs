//! What the checks of SNMP version 3 count. From: the checks. To: `/metrics`, and reports.

use mutt_event::UsmVerdict;
use prometheus_client::metrics::counter::Counter;

/// The counters of SNMP version 3.
#[derive(Clone, Debug)]
pub struct UsmMeter {
    verdicts: [Counter; UsmVerdict::ALL.len()],
    /// Senders' engines that made room.
    pub engines_forgotten: Counter,
}

impl UsmMeter {
    pub(crate) fn new(
        verdicts: [Counter; UsmVerdict::ALL.len()],
        engines_forgotten: Counter,
    ) -> Self {
        Self { verdicts, engines_forgotten }
    }

    /// A message was found to be this.
    pub fn count(&self, verdict: UsmVerdict) {
        self.verdicts[verdict as usize].inc();
    }

    /// How many were.
    pub fn counted(&self, verdict: UsmVerdict) -> u64 {
        self.verdicts[verdict as usize].get()
    }
}
