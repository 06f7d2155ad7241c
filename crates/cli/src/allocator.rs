//! The allocator, told to give memory back.

use libmimalloc_sys::mi_option_set_default;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3: milliseconds before freed memory goes back to the system.
const PURGE_DELAY: i32 = 15;

/// `mi_option_arena_purge_mult`: how many times as long that takes for whole blocks.
const ARENA_PURGE_MULT: i32 = 24;

/// Makes freed memory go back at once instead of after ten seconds: an ingestion frees and asks for tens
/// of megabytes many times a second, and would hold a gigabyte of which it uses a third. `MIMALLOC_PURGE_DELAY` and `MIMALLOC_ARENA_PURGE_MULT` in the environment win.
pub(crate) fn give_back_soon() {
    #[allow(unsafe_code, reason = "a foreign function that stores a number")]
    // SAFETY: it takes two numbers, and ignores options it does not know.
    unsafe {
        mi_option_set_default(PURGE_DELAY, 0);
        mi_option_set_default(ARENA_PURGE_MULT, 1);
    }
}
