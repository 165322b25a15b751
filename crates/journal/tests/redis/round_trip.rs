//! What goes in comes out: every byte, in order, once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mutt_event::Timestamp;
use mutt_journal::{AppendError, Lane, LaneReader, Position, ReadBatch, Receipt, WhenFull};

use crate::common::*;

#[test]
fn what_is_appended_is_read_where_the_receipt_says() {
    reads_what_it_appended(&server(&[]));
}

#[test]
fn what_is_appended_to_valkey_is_read_where_the_receipt_says() {
    reads_what_it_appended(&Server::start_program(tools::valkey_server, &[]));
}

fn reads_what_it_appended(server: &Server) {
    let journal = open(single(server));
    let mut kept: HashMap<(u16, u64), Vec<u8>> = HashMap::new();
    let large =
        vec![(1, vec![7; 300 << 10]), (2, Vec::new()), (1, b"after the large one".to_vec())];
    let batches = [numbered("a", 0..7), numbered("b", 0..4_000), large, numbered("c", 5..6)];
    for records in &batches {
        let receipt = journal.append(records);
        assert_eq!(receipt.count() as usize, records.len());
        let ids = positions(&receipt, records);
        assert_eq!(ids.len(), records.len());
        for (id, (partition, payload)) in ids.iter().zip(records) {
            assert_eq!(id.partition, *partition);
            assert!(kept.insert((*partition, id.position), payload.clone()).is_none());
        }
    }
    for partition in 0..PARTITIONS {
        let wanted: Vec<Vec<u8>> = batches
            .iter()
            .flatten()
            .filter(|(p, _)| *p == partition)
            .map(|(_, payload)| payload.clone())
            .collect();
        journal.wait_end(partition, wanted.len() as u64 + 1);
        let read = read_all(&journal, partition, 1);
        assert_eq!(read.payloads(), wanted);
        assert!(read.lost.is_empty() && read.free.is_empty());
        for (position, payload) in &read.records {
            assert_eq!(&kept[&(partition, *position)], payload);
        }
        // From the middle of an entry, too.
        let middle = wanted.len() as u64 / 2;
        assert_eq!(
            read_all(&journal, partition, middle).records,
            read.records[middle as usize - 1..]
        );
        let figures = journal.lane(partition).figures();
        assert_eq!((figures.end.0 - 1, figures.free), (figures.stored, 0));
        assert_eq!(journal.lane(partition).last_append(), *read.times.last().unwrap());
    }
    assert!(journal.journal.health().reasons.is_empty());
    journal.close();
}

#[test]
fn what_cannot_be_stored_is_said() {
    let server = server(&[]);
    let journal = open(single(&server));
    assert_eq!(journal.append(&[]), Receipt::apart(Vec::new()));
    for records in [vec![(PARTITIONS, b"x".to_vec())], vec![(0, vec![0; (16 << 20) + 1])]] {
        let answer = journal.try_append(&records, WhenFull::Wait);
        assert!(matches!(answer, Err(AppendError::Invalid(_))), "{answer:?}");
    }
    // The largest message goes alone.
    journal.append(&[(0, vec![b'x'; 16 << 20]), (0, b"small".to_vec())]);
    journal.wait_end(0, 3);
    let read = read_all(&journal, 0, 1);
    assert_eq!(read.records[0].1.len(), 16 << 20);
    assert_eq!(read.records[1].1, b"small");
}

#[test]
fn several_writers_share_the_lanes_and_keep_each_senders_order() {
    let server = server(&[]);
    let journals = [open(single(&server)), open(single(&server))];
    assert_eq!(journals[0].journal.identity(), journals[1].journal.identity());
    thread::scope(|scope| {
        for (n, journal) in journals.iter().enumerate() {
            for sender in 0..2 {
                scope.spawn(move || {
                    let name = format!("sender-{n}-{sender}");
                    for round in 0..40 {
                        journal.append(&numbered(&name, round * 9..round * 9 + 9));
                    }
                });
            }
        }
    });
    for partition in 0..PARTITIONS {
        journals[0].wait_end(partition, 4 * 120 + 1);
        let read = read_all(&journals[0], partition, 1);
        assert_eq!(read.records.len(), 4 * 120);
        assert_in_order(&read, 120);
    }
}

/// Each sender's messages are there once, in order.
fn assert_in_order(read: &Read, each: usize) {
    let mut senders: HashMap<String, Vec<u64>> = HashMap::new();
    for payload in read.payloads() {
        let text = String::from_utf8(payload.to_vec()).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        senders.entry(words[2].to_owned()).or_default().push(words[6].parse().unwrap());
    }
    for (sender, numbers) in senders {
        assert_eq!(numbers.len(), each, "{sender}");
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{sender}: {numbers:?}");
    }
}

/// The contract of an empty batch, and of `nothing_older_than`, while others append.
#[test]
fn an_empty_batch_says_that_the_end_was_reached() {
    let server = server(&[]);
    let journal = open(single(&server));
    let done = AtomicBool::new(false);
    let rounds = 300;
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..rounds {
                let last = journal.append(&numbered("a", round * 3..round * 3 + 3));
                if round + 1 == rounds {
                    let end = positions(&last, &numbered("a", 0..1))[0].position + 1;
                    journal.wait_end(0, end);
                }
            }
            done.store(true, Ordering::SeqCst);
        });
        let lane = journal.lane(0);
        let mut reader = lane.reader(Position::FIRST);
        let (mut batch, mut read) = (ReadBatch::default(), Read::default());
        loop {
            let over = done.load(Ordering::SeqCst);
            let floor = lane.nothing_older_than(Timestamp::ZERO);
            let (from, end) = (reader.position(), lane.end());
            reader.read(1, &mut batch).unwrap();
            if batch.is_empty() {
                assert!(from >= end, "{from} of {end}");
                if over {
                    break;
                }
                // What comes from now on is not older.
                let mut later = lane.reader(from);
                later.read(1, &mut batch).unwrap();
                assert!(batch.records().all(|record| record.time >= floor));
                continue;
            }
            read.take(from, &batch);
        }
        assert_eq!(read.records.len() as u64, rounds);
    });
}
