//! What is done within Redis, each in one step that nothing comes between.
//!
//! The scripts are loaded at each connection; a server that forgot them (NOSCRIPT) is connected to
//! anew. Numbers are exact up to 2^53, which positions, times in µs and bytes stay below.

use redis::{Cmd, Pipeline, cmd};

use super::link::Link;
use super::trouble::Trouble;

/// Positions that are left free where a failover may have lost some that readers have passed.
pub(super) const JUMP: u64 = 1 << 24;

/// Makes a lane's state, or says whose it is. KEYS: state. ARGV: identity, whether the journal was
/// made whole before.
pub(super) const MAKE: &str = "\
local identity = redis.call('HGET', KEYS[1], 'identity')
if identity then return identity end
if ARGV[2] == '1' then return '' end
redis.call('HSET', KEYS[1], 'identity', ARGV[1], 'next', '1', 'time', '0', 'stored', '0',
  'bytes', '0', 'raw', '0', 'run', '', 'free', '0')
return ARGV[1]";

/// Stores a round of entries, or says where it was stored before. The checks that may refuse a
/// write (memory, replicas, disk) are made by Redis at the first one, so all or none is stored.
/// KEYS: events, state, writer. ARGV: identity, number, seconds to live, jump, then count, raw
/// bytes and blob of each entry. Answers first position and time.
const APPEND: &str = "\
local s = redis.call('HMGET', KEYS[2], 'identity', 'next', 'time', 'stored', 'bytes', 'raw', 'run', 'free')
if s[1] ~= ARGV[1] then return redis.error_reply('MUTTGONE ' .. KEYS[2]) end
local number = tonumber(ARGV[2])
local last = redis.call('GET', KEYS[3])
if last then
  local n, first, time = string.match(last, '^(%d+) (%d+) (%d+)$')
  if tonumber(n) > number then return redis.error_reply('MUTTOLD round') end
  if tonumber(n) == number then
    -- A write, so that WAIT waits for all that came before it.
    redis.call('EXPIRE', KEYS[3], ARGV[3])
    return {first, time}
  end
end
local function text(n) return string.format('%.0f', n) end
local clock = redis.call('TIME')
local time = math.max(clock[1] * 1000000 + clock[2], tonumber(s[3]))
local nxt, stored, bytes, raw, free = tonumber(s[2]), tonumber(s[4]), tonumber(s[5]), tonumber(s[6]), tonumber(s[8])
local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)') or ''
local before = nil
if s[7] ~= '' and s[7] ~= run then
  before = text(nxt)
  nxt = nxt + ARGV[4]
  free = free + ARGV[4]
end
local first = nxt
for i = 5, #ARGV, 3 do
  local id = text(nxt) .. '-' .. text(time)
  if before then
    redis.call('XADD', KEYS[1], id, 'b', ARGV[i + 2], 'c', text(bytes), 'r', text(raw), 'p', before)
    before = nil
  else
    redis.call('XADD', KEYS[1], id, 'b', ARGV[i + 2], 'c', text(bytes), 'r', text(raw))
  end
  nxt = nxt + ARGV[i]
  stored = stored + ARGV[i]
  raw = raw + ARGV[i + 1]
  bytes = bytes + #ARGV[i + 2]
end
redis.call('HSET', KEYS[2], 'next', text(nxt), 'time', text(time), 'stored', text(stored), 'bytes', text(bytes),
  'raw', text(raw), 'run', run, 'free', text(free))
redis.call('SET', KEYS[3], number .. ' ' .. text(first) .. ' ' .. text(time), 'EX', ARGV[3])
return {text(first), text(time)}";

/// Reads entries of about so many bytes. KEYS: events, state. ARGV: identity, from, bytes, and
/// whether to begin at the entry that holds the position `from`. Answers the state's `next`, as it
/// was before, whether there is no more, and the entries.
const READ: &str = "\
local s = redis.call('HMGET', KEYS[2], 'identity', 'next')
if s[1] ~= ARGV[1] then return redis.error_reply('MUTTGONE ' .. KEYS[2]) end
local from, most, size, out, ended = ARGV[2], tonumber(ARGV[3]), 0, {}, 0
if ARGV[4] == '1' then
  local holds = redis.call('XREVRANGE', KEYS[1], from, '-', 'COUNT', 1)[1]
  if holds then from = holds[1] end
end
while size < most and #out < 4096 do
  local entry = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 1)[1]
  if not entry then ended = 1 break end
  out[#out + 1] = entry
  from = '(' .. entry[1]
  local blob = entry[2][2]
  local r0, r1, r2, r3 = string.byte(blob, 5, 8)
  size = size + math.max(#blob, (r0 or 0) + (r1 or 0) * 256 + (r2 or 0) * 65536 + (r3 or 0) * 16777216)
end
return {s[2], ended, out}";

/// The server's time, and what the lane's state is after it. KEYS: events, state. ARGV: identity,
/// whether the first entry is wanted. Answers time, next, time of the last append, stored, bytes,
/// free, and id and bytes before it of the first entry.
const LOOK: &str = "\
local clock = redis.call('TIME')
local s = redis.call('HMGET', KEYS[2], 'identity', 'next', 'time', 'stored', 'bytes', 'free')
if s[1] ~= ARGV[1] then return redis.error_reply('MUTTGONE ' .. KEYS[2]) end
local first = ARGV[2] == '1' and redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local id, bytes = '', s[5]
if first then id = first[1] bytes = first[2][4] or bytes end
return {clock[1] .. string.format('%06d', clock[2]), s[2], s[3], s[4], s[5], s[6], id, bytes}";

/// An entry without its blob. KEYS: events, state. ARGV: identity, XRANGE or XREVRANGE, from, to.
/// Answers the state's `next`, and the entry's id, bytes before it and raw bytes before it.
const FIND: &str = "\
local s = redis.call('HMGET', KEYS[2], 'identity', 'next')
if s[1] ~= ARGV[1] then return redis.error_reply('MUTTGONE ' .. KEYS[2]) end
local entry = redis.call(ARGV[2], KEYS[1], ARGV[3], ARGV[4], 'COUNT', 1)[1]
if not entry then return {s[2], ''} end
return {s[2], entry[1], entry[2][4], entry[2][6]}";

/// A script that the server has loaded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    Append,
    Read,
    Look,
    Find,
}

/// A connection with the scripts loaded.
#[derive(Debug)]
pub(super) struct Scripted {
    pub link: Link,
    hashes: [String; 4],
}

impl Scripted {
    pub async fn load(link: Link) -> Result<Self, Trouble> {
        let mut load = Pipeline::new();
        for text in [APPEND, READ, LOOK, FIND] {
            load.cmd("SCRIPT").arg("LOAD").arg(text);
        }
        let mut answers = link.ask(&load).await?;
        let hashes = [answers.text()?, answers.text()?, answers.text()?, answers.text()?];
        Ok(Self { link, hashes })
    }

    /// The start of a call: its arguments follow.
    pub fn call(&self, script: Script, keys: &[&str]) -> Cmd {
        let mut call = cmd("EVALSHA");
        call.arg(&self.hashes[script as usize]).arg(keys.len()).arg(keys);
        call
    }
}
