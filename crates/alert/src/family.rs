//! Which open alerts have to do with each other: parents and children, the same object, the same
//! storm. From and to: the correlator, which keeps it in step with what is open.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::{Alert, Correlator};

type Index = HashMap<String, BTreeSet<Arc<str>>>;

/// Open alerts by what they share.
#[derive(Debug, Default)]
pub(crate) struct Family {
    parents: Index,
    children: Index,
    objects: Index,
    storms: Index,
}

fn add(index: &mut Index, name: &str, signature: &Arc<str>) {
    if let Some(signatures) = index.get_mut(name) {
        signatures.insert(signature.clone());
    } else {
        index.insert(name.to_owned(), BTreeSet::from([signature.clone()]));
    }
}

fn take(index: &mut Index, name: &str, signature: &Arc<str>) {
    if let Some(signatures) = index.get_mut(name) {
        signatures.remove(signature);
        if signatures.is_empty() {
            index.remove(name);
        }
    }
}

impl Family {
    fn each(&mut self, alert: &Alert, signature: &Arc<str>, act: fn(&mut Index, &str, &Arc<str>)) {
        if !alert.state.is_open() {
            return;
        }
        // A parent that nobody is told of explains nothing to anybody.
        for name in alert.links.parent_as.iter().filter(|_| alert.handling.tells()) {
            act(&mut self.parents, name, signature);
        }
        for name in &alert.links.child_of {
            act(&mut self.children, name, signature);
        }
        if let Some(object) = &alert.object {
            act(&mut self.objects, object, signature);
        }
        if let Some(storm) = &alert.storm {
            act(&mut self.storms, storm, signature);
        }
    }

    /// An alert is put in; one that is not open has no family.
    pub(crate) fn join(&mut self, alert: &Alert, signature: &Arc<str>) {
        self.each(alert, signature, add);
    }

    /// An alert as it was put in is taken out.
    pub(crate) fn leave(&mut self, alert: &Alert, signature: &Arc<str>) {
        self.each(alert, signature, take);
    }

    pub(crate) fn of_object(&self, object: &str) -> Vec<Arc<str>> {
        self.objects.get(object).into_iter().flatten().cloned().collect()
    }

    /// Whether alerts of a storm are open.
    pub(crate) fn has_storm(&self, storm: &str) -> bool {
        self.storms.contains_key(storm)
    }

    /// The open alerts of a storm.
    pub(crate) fn of_storm(&self, storm: &str) -> Vec<Arc<str>> {
        self.storms.get(storm).into_iter().flatten().cloned().collect()
    }
}

impl Correlator {
    /// The signature of the alert that explains this one.
    pub(crate) fn parent(&self, signature: &Arc<str>, alert: &Alert) -> Option<String> {
        let of = |name: &String| self.family.parents.get(name);
        let parents = alert.links.child_of.iter().filter_map(of).flatten();
        parents.into_iter().find(|parent| *parent != signature).map(|parent| parent.to_string())
    }

    /// A parent opened or ended.
    pub(crate) fn review_children(&mut self, parent: &Alert) {
        for name in &parent.links.parent_as {
            self.review.extend(self.family.children.get(name).into_iter().flatten().cloned());
        }
    }
}
