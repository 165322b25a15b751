//! What the tests with real programs share.
#![allow(dead_code)] // these tests use a part of it

#[path = "../../../../tests/common/child.rs"]
pub mod child;
#[path = "../../../../tests/common/ports.rs"]
pub mod ports;
#[path = "../../../../tests/common/redis.rs"]
pub mod redis;
#[path = "../../../../tests/common/tools.rs"]
pub mod tools;
#[path = "../../../../tests/common/wait.rs"]
pub mod wait;
