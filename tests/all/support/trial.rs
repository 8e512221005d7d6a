//! Facts that hold for whatever somebody makes up: they are tried on many made-up values, and of those that fail on
//! smaller and smaller ones. The seeds of failures are kept in `tests/proptest-regressions`, to be tried first from then on.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

/// What proptest takes for the usual number of cases, `PROPTEST_CASES`.
const USUAL: u32 = 256;

/// Holds `fact` to be true of `cases` values, on one site that `set_up` makes. `PROPTEST_CASES=25600` tries a hundred
/// times as many. `file` is that of the test.
#[track_caller]
pub(crate) fn always<Site, S: Strategy>(
    file: &'static str,
    cases: u32,
    set_up: impl AsyncFnOnce() -> Site,
    made_up: S,
    fact: impl AsyncFn(&Site, S::Value),
) {
    let mut config = Config {
        source_file: Some(file),
        ..Config::default()
    };
    config.cases = (u64::from(cases) * u64::from(config.cases) / u64::from(USUAL))
        .try_into()
        .unwrap();
    let runtime = Runtime::new().unwrap();
    let site = runtime.block_on(set_up());
    let tried = TestRunner::new(config).run(&made_up, |value| {
        runtime.block_on(fact(&site, value));
        Ok(())
    });
    if let Err(failure) = tried {
        panic!("{failure}");
    }
}
