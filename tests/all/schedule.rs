//! Under which scheduling policy the program runs.

use std::fs;
use std::net::TcpListener;

use crate::restart::Genkan;
use crate::support::Browser;

/// As `linux/sched.h` numbers them.
const SCHED_OTHER: &str = "0";
const SCHED_BATCH: &str = "3";
const SCHED_IDLE: &str = "5";

/// The policy of each of its threads, once it answers.
async fn policies(starter: &str) -> Vec<String> {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let genkan = Genkan::on_by(&socket, starter);
    let browser = Browser::new(socket.local_addr().unwrap());
    assert_eq!(browser.get("/health/alive").await.status, 200);
    let threads = fs::read_dir(format!("/proc/{}/task", genkan.pid())).unwrap();
    let policies = threads.map(|thread| {
        let stat = fs::read_to_string(thread.unwrap().path().join("stat")).unwrap();
        // The 41st field; the second is a name in brackets (proc(5)).
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        fields.split(' ').nth(41 - 3).unwrap().to_owned()
    });
    policies.collect()
}

#[tokio::test]
async fn each_thread_keeps_the_policy_that_the_operator_started_the_program_with() {
    for (starter, chosen) in [
        ("env THREADS=3", SCHED_OTHER),
        ("env THREADS=3 chrt --batch 0", SCHED_BATCH),
        ("env THREADS=3 chrt --idle 0", SCHED_IDLE),
    ] {
        let policies = policies(starter).await;
        assert!(policies.len() >= 3, "{policies:?}");
        assert!(policies.iter().all(|it| it == chosen), "{policies:?}");
    }
}
