//! Checks that Kratos sends its e-mails.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::Setup;
use crate::doctor::probe::get_json;
use crate::doctor::report::Check;
use crate::kratos::Client;

/// Maximum time in seconds that an e-mail may wait.
const MAX_WAIT: i64 = 5 * 60;
/// Mail servers for development.
const MAIL_CATCHERS: [&str; 5] = [
    "localhost",
    "127.0.0.1",
    "mailslurper",
    "mailhog",
    "mailpit",
];
/// Kratos' default sender.
const DEFAULT_SENDER: &str = "no-reply@ory.kratos.sh";
const SERVER: &str = "courier.smtp.connection_uri";

/// A message in Kratos' queue.
#[derive(Debug, Deserialize)]
struct Mail {
    created_at: String,
}

/// Returns the newest e-mails with a status.
async fn mails(admin: &Client, status: &str) -> Option<Vec<Mail>> {
    let path = ["admin", "courier", "messages"];
    let query = [("status", status), ("page_size", "250")];
    let response = get_json(admin, &path, &query).await?;
    serde_json::from_slice(&response.body).ok()
}

/// Checks that Kratos abandoned no e-mail.
pub(in crate::doctor) async fn abandoned(admin: &Client) -> Check {
    let id = "courier abandoned";
    match mails(admin, "abandoned").await {
        Some(mails) if mails.is_empty() => Check::right(id, "no e-mail was abandoned"),
        Some(_) => Check::wrong(
            id,
            "Kratos abandoned e-mails that it could not deliver",
            "set courier.smtp.connection_uri to a mail server that accepts them, \
             and see Kratos' log",
        ),
        None => Check::unknown(id, "whether e-mails are sent: Kratos does not list them"),
    }
}

/// Checks that no e-mail waits for long.
pub(in crate::doctor) async fn waiting(admin: &Client) -> Check {
    let id = "courier waiting";
    let queued = mails(admin, "queued").await;
    let waiting = queued.zip(mails(admin, "processing").await);
    let now = Timestamp::now();
    let is_late = |mail: &&Mail| {
        let created = mail.created_at.parse::<Timestamp>();
        created.is_ok_and(|it| now.as_second() - it.as_second() > MAX_WAIT)
    };
    let late = waiting
        .map(|(queued, processing)| queued.iter().chain(&processing).filter(is_late).count());
    match late {
        Some(0) => Check::right(id, "no e-mail waits for long"),
        Some(late) => Check::wrong(
            id,
            format!(
                "e-mails wait for more than {} minutes ({late} of them)",
                MAX_WAIT / 60
            ),
            "start one Kratos with --watch-courier, or `kratos courier watch`; \
             if one runs, see its log",
        ),
        None => Check::unknown(id, "whether e-mails wait: Kratos does not list them"),
    }
}

/// Checks the mail server in the files. Returns `None` if another service delivers.
pub(in crate::doctor) fn server(setup: &Setup<'_>) -> Option<Check> {
    let strategy = setup.files.text("courier.delivery_strategy");
    let is_smtp = strategy.is_none_or(|it| it == "smtp");
    match setup.files.text(SERVER).map(Url::parse) {
        Some(Ok(server)) => {
            // The rest of the URL is not shown: it contains the password.
            let host = server.host_str().unwrap_or_default();
            Some(
                if setup.config.is_https() && MAIL_CATCHERS.contains(&host) {
                    Check::doubtful(
                        SERVER,
                        format!("{SERVER} is {host}: e-mails may not arrive"),
                        "set it to a mail server that delivers to the Internet",
                    )
                } else {
                    Check::right(SERVER, format!("{SERVER} is a server at {host}"))
                },
            )
        }
        Some(Err(_)) => Some(Check::wrong(
            SERVER,
            format!("{SERVER} is not a URL"),
            "set it to e.g. smtps://user:password@mail.example:465/",
        )),
        None if is_smtp && setup.files.list("courier.channels").is_none() => Some(Check::doubtful(
            SERVER,
            format!("{SERVER} is in none of the files: no e-mail is sent"),
            "set it, or COURIER_SMTP_CONNECTION_URI",
        )),
        None => None,
    }
}

/// Checks that the sender is the operator's own.
pub(in crate::doctor) fn sender(setup: &Setup<'_>) -> Check {
    let key = "courier.smtp.from_address";
    let sender = setup.files.text(key).unwrap_or(DEFAULT_SENDER);
    if sender == DEFAULT_SENDER {
        Check::doubtful(
            key,
            format!("{key} is {DEFAULT_SENDER}, which belongs to Ory"),
            "set it to an address of yours",
        )
    } else {
        Check::right(key, format!("{key} is {sender}"))
    }
}
