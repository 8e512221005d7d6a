//! A new start of the program, in the middle of the work.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus};

use command_fds::{CommandFdExt, FdMapping};
use tokio::sync::watch;
use tokio::task::JoinSet;

const STARTS: usize = 5;
const CLIENTS: usize = 8;
/// How many requests are answered between two starts.
const BETWEEN: usize = 100;

/// A Genkan on a port that is taken already, as systemd starts it.
pub(crate) struct Genkan(Child);

impl Genkan {
    fn on(socket: &TcpListener) -> Self {
        Self::on_by(socket, "")
    }

    /// The same where a command of the shell starts it.
    pub(crate) fn on_by(socket: &TcpListener, starter: &str) -> Self {
        let socket = OwnedFd::from(socket.try_clone().unwrap());
        // The number of the process is known to the process alone.
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!(r#"LISTEN_PID=$$ exec {starter} "$0""#)])
            .arg(env!("CARGO_BIN_EXE_genkan"))
            .env("LISTEN_FDS", "1")
            .env("KRATOS_PUBLIC_URL", "http://127.0.0.1:9")
            .env("RUST_LOG", "warn");
        let mapping = FdMapping {
            parent_fd: socket,
            child_fd: 3,
        };
        command.fd_mappings(vec![mapping]).unwrap();
        Self(command.spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    fn end(mut self) -> ExitStatus {
        Command::new("kill")
            .arg(self.pid().to_string())
            .status()
            .unwrap();
        self.0.wait().unwrap()
    }
}

impl Drop for Genkan {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_starts_under_load_lose_no_request_where_the_port_stays_open() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/health/alive", socket.local_addr().unwrap());
    let mut genkan = Genkan::on(&socket);
    // Err means that another test was there first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (count, mut counted) = watch::channel(0);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (address, count) = (address.clone(), count.clone());
        clients.spawn(async move {
            loop {
                // A connection of its own: one that is kept may end between two requests, which its client knows.
                let client = reqwest::Client::builder().pool_max_idle_per_host(0);
                let answer = client.build().unwrap().get(&address).send().await;
                assert_eq!(answer.unwrap().status(), 200);
                count.send_modify(|count| *count += 1);
            }
        });
    }
    for start in 0..=STARTS {
        if start > 0 {
            assert!(genkan.end().success());
            genkan = Genkan::on(&socket);
        }
        let enough = (start + 1) * BETWEEN;
        tokio::select! {
            answered = counted.wait_for(|count| *count >= enough) => drop(answered.unwrap()),
            lost = clients.join_next() => panic!("{lost:?}"),
        }
    }
}
