//! What an entry's compression costs and saves, over 500 syslog lines of 300 bytes.
//!
//! `cargo bench -p mutt-journal --bench codec`
#![allow(clippy::unwrap_used, missing_docs)]

mod lines;

use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    let block = block();
    for (name, packed) in [("zstd", zstd_of(&block)), ("lz4", lz4_flex::block::compress(&block))] {
        let ratio = block.len() as f64 / packed.len() as f64;
        println!("{name}: {} bytes become {}, ratio {ratio:.2}", block.len(), packed.len());
    }
    divan::main();
}

/// As an entry holds them: each behind its length.
fn block() -> Vec<u8> {
    let mut dice = lines::Dice::new(1);
    let mut block = Vec::new();
    for n in 0..500 {
        let line = lines::line(&mut dice, n);
        block.extend((line.len() as u32).to_le_bytes());
        block.extend(line);
    }
    block
}

fn zstd_of(block: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(block, 1).unwrap()
}

fn bench<T>(bencher: Bencher, work: impl Fn(&[u8]) -> T) {
    let block = block();
    bencher.counter(BytesCount::new(block.len())).bench_local(|| work(&block));
}

#[divan::bench]
fn zstd_compress(bencher: Bencher) {
    bench(bencher, zstd_of);
}

#[divan::bench]
fn zstd_decompress(bencher: Bencher) {
    let packed = zstd_of(&block());
    bench(bencher, |block| zstd::bulk::decompress(&packed, block.len()).unwrap());
}

#[divan::bench]
fn lz4_compress(bencher: Bencher) {
    bench(bencher, lz4_flex::block::compress);
}

#[divan::bench]
fn lz4_decompress(bencher: Bencher) {
    let packed = lz4_flex::block::compress(&block());
    bench(bencher, |block| lz4_flex::block::decompress(&packed, block.len()).unwrap());
}
