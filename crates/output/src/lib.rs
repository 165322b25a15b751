//! From: see ARCHITECTURE.md.
