//! `commerce-api`: see `commerce-api --help`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    commerce_api::cli::run()
}
