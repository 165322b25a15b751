//! What no rule wants is counted once, told once, and decided on by people.

use mutt_output::standin::Door;
use serde_json::{Value, json};

use crate::common::wait;
use crate::world::World;

fn slow(disk: usize) -> String {
    format!("<187>Nov 23 12:00:00 core-{} diskd: disk {disk} is slow", disk % 3)
}

fn world(threshold: u64) -> World {
    World::start_with("", |receivers| {
        let patterns = format!("[patterns]\nthreshold_count = {threshold}\nsurge_count_min = 0\n");
        format!("{}{patterns}", receivers.config(Door::Relp))
    })
}

/// The only pattern, once so many messages are counted.
fn counted(world: &World, count: usize) -> Value {
    wait::until(&format!("{count} messages to be counted"), || {
        let page = world.mutt.api().get("/patterns").expect(200).json();
        let items = page["items"].as_array().expect("items").clone();
        match items.as_slice() {
            [one] if one["count"] == count => Ok(one.clone()),
            _ => Err(format!("{page:#}")),
        }
    })
}

fn opened(world: &World) -> usize {
    let told = world.receivers.moogsoft.told();
    let of = told.iter().filter(|told| told.signature.starts_with("mutt::mutt/pattern::"));
    of.filter(|told| told.kind == "open").count()
}

#[test]
fn patterns_keep_their_ids_and_counts_over_kills() {
    let mut world = world(0);
    let mut sent = 0;
    let mut id = None;
    for _ in 0..4 {
        let lines: Vec<String> = (sent..sent + 50).map(slow).collect();
        world.accepted(&lines);
        sent += lines.len();
        world.mutt.kill();
        world.mutt.start();
        let one = counted(&world, sent);
        assert_eq!(*id.get_or_insert(one["id"].clone()), one["id"]);
    }
}

#[test]
fn a_pattern_is_told_once_and_not_again_while_it_is_ignored() {
    let mut world = world(10);
    let lines: Vec<String> = (0..40).map(slow).collect();
    world.accepted(&lines);
    let told = world.told_of_itself("pattern", "open");
    assert!(told.description.contains("disk <*> is slow"), "{}", told.description);
    let one = counted(&world, 40);
    world.mutt.kill();
    world.mutt.start();
    let path = format!("/patterns/{}/state", one["id"].as_str().expect("an id"));
    let ignored = json!({ "state": "ignored", "reason": "it is known" }).to_string();
    world.mutt.api().ask("PUT", &path, &[], &ignored).expect(200);
    world.told_of_itself("pattern", "clear");
    world.accepted(&lines);
    counted(&world, 80);
    world.settled();
    assert_eq!(opened(&world), 1);
}
