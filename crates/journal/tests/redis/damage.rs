//! What is gone or damaged is said exactly.

use mutt_journal::{Lane, Position};

use crate::common::*;

/// Three entries of lane 0 with 10, 20 and 30 messages: positions 1, 11 and 31; the end is 61.
fn filled(server: &Server) -> Journal {
    let journal = open(single(server));
    for count in [10, 20, 30] {
        let records: Vec<_> =
            (0..count).map(|n| (0, format!("{count} {n}").into_bytes())).collect();
        journal.append(&records);
    }
    journal.wait_end(0, 61);
    assert_eq!(entries(server, 0).len(), 3);
    journal
}

#[test]
fn a_flipped_byte_loses_one_entry_exactly() {
    let server = server(&[]);
    let journal = filled(&server);
    for victim in 0..3 {
        let before = entries(&server, 0);
        rewrite(&server, &before, victim);
        let lost = [1..11, 11..31, 31..61][victim].clone();
        let read = read_all(&journal, 0, 1);
        assert_eq!(read.lost, vec![lost.clone()]);
        assert_eq!(read.records.len() as u64, 60 - (lost.end - lost.start));
        // From its middle, only what is left of it.
        let middle = lost.start + 3;
        assert_eq!(read_all(&journal, 0, middle).lost, vec![middle..lost.end]);
        rewrite(&server, &before, 3);
    }
    // Each is counted once, however often it is read.
    assert_eq!(journal.lane(0).figures().damaged, 60);
    assert!(read_all(&journal, 0, 1).lost.is_empty());
}

/// Writes the stream again, one byte of the `victim`'s blob flipped.
fn rewrite(server: &Server, entries: &Entries, victim: usize) {
    let mut commands = ::redis::pipe();
    commands.atomic().cmd("DEL").arg(key(0)).ignore();
    for (n, (id, fields)) in entries.iter().enumerate() {
        let mut fields = fields.clone();
        if n == victim {
            let middle = fields[1].len() / 2;
            fields[1][middle] ^= 0x10;
        }
        commands.cmd("XADD").arg(key(0)).arg(id).arg(fields).ignore();
    }
    let _: () = commands.query(&mut server.redis.connection()).unwrap();
}

#[test]
fn what_was_taken_out_is_lost_exactly() {
    let server = server(&[]);
    let journal = filled(&server);
    let ids: Vec<String> = entries(&server, 0).into_iter().map(|(id, _)| id).collect();
    let delete = |id: &str| assert_eq!(server.redis.ask::<u64>(&["XDEL", &key(0), id]), 1);
    delete(&ids[1]);
    let read = read_all(&journal, 0, 5);
    assert_eq!((read.lost, read.records.len()), (vec![11..31], 36));
    delete(&ids[0]);
    let read = read_all(&journal, 0, 5);
    assert_eq!((read.lost, read.records.len()), (vec![5..31], 30));
    delete(&ids[2]);
    let read = read_all(&journal, 0, 5);
    assert_eq!((read.lost, read.records.len()), (vec![5..61], 0));
    // Reading goes on behind it.
    journal.append(&[(0, b"next".to_vec())]);
    journal.wait_end(0, 62);
    let read = read_all(&journal, 0, 40);
    assert_eq!((read.lost, read.records), (vec![40..61], vec![(61, b"next".to_vec())]));
}

#[test]
fn entries_of_others_are_no_trouble() {
    let server = server(&[]);
    let journal = filled(&server);
    let end = journal.lane(0).end();
    assert_eq!(end, Position(61));
    let id = server.redis.ask::<String>(&["XADD", &key(0), "70-1", "x", ""]);
    assert_eq!(id, "70-1");
    let _: u64 = server.redis.ask(&["HSET", "mutt:{0}:state", "next", "71"]);
    journal.wait_end(0, 71);
    let read = read_all(&journal, 0, 1);
    assert_eq!((read.lost, read.records.len()), (vec![61..71], 60));
}

#[test]
fn a_restart_without_the_newest_withdraws_what_was_read() {
    let mut server = server(&["appendfsync everysec"]);
    let mut options = single(&server);
    options.durability = mutt_journal::Durability::Relaxed;
    let journal = open(options);
    let put = |count: u64| {
        let records: Vec<_> = (0..count).map(|n| (0, n.to_string().into_bytes())).collect();
        journal.append(&records);
    };
    put(10);
    journal.wait_end(0, 11);
    let at = server.folder().to_owned();
    let files = |to: &str, from: &str| {
        let _ = std::fs::remove_dir_all(at.join(to));
        std::fs::create_dir(at.join(to)).unwrap();
        for file in std::fs::read_dir(at.join(from)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), at.join(to).join(file.file_name())).unwrap();
        }
    };
    // What a replica would have that lags behind.
    wait::until_true("the file to be written", || {
        files("old", "appendonlydir");
        let size = |dir: &str| {
            let files = std::fs::read_dir(at.join(dir)).unwrap();
            files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
        };
        size("old") > 500
    });
    put(5);
    journal.wait_end(0, 16);
    let lane = journal.lane(0);
    let (mut ahead, mut behind) = (lane.reader(Position(1)), lane.reader(Position(8)));
    assert_eq!(read_on(&mut ahead).records.len(), 15);
    server.redis.kill();
    files("appendonlydir", "old");
    server.redis.start_again();
    journal.append(&[(0, b"new".to_vec())]);
    let first = 11 + (1 << 24);
    journal.wait_end(0, first + 1);
    let read = read_on(&mut ahead);
    assert_eq!((read.free, read.lost), (vec![16..first], vec![]));
    assert_eq!(read.records, vec![(first, b"new".to_vec())]);
    assert_eq!(lane.figures().withdrawn, 5);
    let read = read_on(&mut behind);
    assert_eq!((read.free, read.lost), (vec![11..first], vec![]));
    assert_eq!(read.records.len(), 4);
    let figures = lane.figures();
    assert_eq!((figures.stored, figures.free), (11, 1 << 24));
    assert_eq!(figures.end.0 - 1, figures.stored + figures.free);
}
