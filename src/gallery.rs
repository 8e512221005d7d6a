//! `genkan gallery`: every screen in every state, in every language, theme and width, with no Kratos.
//!
//! For designers and translators, and for the tests that look at screens. The pages are those of the program itself: only
//! Kratos is another, [`replay`], which answers what real servers answered once (`tests/recordings`). Which answer belongs to
//! which screen says the table in [`states`]; the browser brings the name of the state in place of a session.
//!
//! Pages here can be framed and nothing is kept from anybody: not for production.

mod replay;
mod states;

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State as Shared};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HeaderValue, ORIGIN, SET_COOKIE,
    X_FRAME_OPTIONS,
};
use http::{Method, StatusCode, Uri};
use leptos::html::iframe;
use leptos::prelude::*;
use serde::Deserialize;
use tokio::net::TcpListener;
use tower::ServiceExt;
use url::Url;

use crate::config::Config;
use crate::i18n::Locale;
use crate::net;
use crate::net::listener;
use crate::net::shutdown::shutdown_signal;
use crate::server;
use crate::theme::Theme;
use crate::visit::{CONFIRM_COOKIE, FLASH_COOKIE};

use self::replay::Recordings;
use self::states::{ALL, State};

/// The widths in CSS pixels that the contact sheet shows: a small telephone, and a desk.
const WIDTHS: [u16; 2] = [320, 1280];
const STYLE: &str = include_str!("../public/gallery.css");

/// What the routes of the gallery know.
#[derive(Debug, Clone)]
struct Gallery {
    /// The program, in front of the replay.
    genkan: Router,
    recordings: Arc<Recordings>,
    session_cookie: String,
    public_origin: HeaderValue,
}

/// Serves the gallery until the process is told to stop.
///
/// # Errors
/// Where there are no recordings, a setting is wrong, or the port is taken.
pub async fn run(config: Config, recordings: PathBuf) -> Result<(), Box<dyn StdError>> {
    let address = SocketAddr::new(config.host, config.port);
    let listener = listener::listen(address, "HOST and PORT").await?;
    let limiter = config.connection_limiter();
    let router = router(config, recordings).await?;
    tracing::info!("serving the gallery at http://{address}/gallery");
    net::serve(listener, router, None, limiter, shutdown_signal()).await?;
    Ok(())
}

/// Everything that is answered: the gallery, and below it the program.
///
/// # Errors
/// As [`run`].
pub async fn router(mut config: Config, folder: PathBuf) -> Result<Router, Box<dyn StdError>> {
    let recordings = Arc::new(Recordings::open(folder)?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: Url = format!("http://{}", listener.local_addr()?).parse()?;
    let replay = replay::router(Arc::clone(&recordings), config.session_cookie.clone());
    tokio::spawn(async move { axum::serve(listener, replay).await });
    config.kratos_public_url = Some(address.clone());
    config.hydra_admin_url = Some(address);
    // So that addresses in the recordings are taken for our own.
    config.kratos_browser_url = Some(replay::RECORDED_KRATOS.parse()?);
    config.lift_limits();
    let origin = config.public_url.origin().ascii_serialization();
    let gallery = Gallery {
        session_cookie: config.session_cookie.clone(),
        public_origin: HeaderValue::from_str(&origin)?,
        genkan: server::router(config)?,
        recordings,
    };
    Ok(Router::new()
        .route("/gallery", get(sheet))
        .route("/gallery/sheet.css", get(style))
        .route("/gallery/states.json", get(names))
        .route("/gallery/{name}", get(screen))
        .fallback_service(gallery.genkan.clone())
        .with_state(gallery))
}

/// What somebody wants to see.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    lang: Option<String>,
    theme: Option<String>,
    width: Option<u16>,
}

impl Wish {
    /// One language, where one was asked for.
    fn locale(&self) -> Option<Locale> {
        self.lang.as_deref().and_then(|tag| tag.parse().ok())
    }

    fn theme(&self) -> Theme {
        let asked = self.theme.as_deref().and_then(Theme::from_name);
        asked.unwrap_or_default()
    }

    fn width(&self) -> u16 {
        self.width
            .filter(|width| WIDTHS.contains(width))
            .unwrap_or(WIDTHS[0])
    }
}

/// One screen, as the program draws it.
async fn screen(
    Shared(gallery): Shared<Gallery>,
    Path(name): Path<String>,
    Query(wish): Query<Wish>,
    request: Request,
) -> Response {
    let Some(state) = State::find(&name) else {
        return (
            StatusCode::NOT_FOUND,
            "no such state; /gallery has them all",
        )
            .into_response();
    };
    let (mut parts, _) = request.into_parts();
    let asked = match state.request(&gallery.recordings) {
        Ok(asked) => asked,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    };
    let joint = if asked.path.contains('?') { '&' } else { '?' };
    let locale = wish.locale().unwrap_or(Locale::Ja);
    let theme = wish.theme().name();
    let target = format!("{}{joint}lang={locale}&theme={theme}", asked.path);
    let Ok(uri) = target.parse::<Uri>() else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "not an address").into_response();
    };
    parts.uri = uri;
    let mut cookies = format!("{}={}", gallery.session_cookie, state.name);
    if let Some(flash) = state.flash {
        cookies.push_str(&format!("; {FLASH_COOKIE}={}", flash.key()));
    }
    if let Some(confirmations) = state.confirmations {
        cookies.push_str(&format!("; {CONFIRM_COOKIE}={confirmations}"));
    }
    if let Ok(cookies) = HeaderValue::from_str(&cookies) {
        parts.headers.insert(COOKIE, cookies);
    }
    let body = match asked.form {
        Some(form) => {
            parts.method = Method::POST;
            parts.headers.insert(ORIGIN, gallery.public_origin.clone());
            parts.headers.remove("sec-fetch-site");
            let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            parts.headers.insert(CONTENT_TYPE, form_type);
            Body::from(form)
        }
        None => Body::empty(),
    };
    let response = gallery
        .genkan
        .oneshot(Request::from_parts(parts, body))
        .await;
    let mut response = response.into_response();
    let headers = response.headers_mut();
    // What the page does next is about this state too.
    let session = format!(
        "{}={}; Path=/; SameSite=Lax",
        gallery.session_cookie, state.name
    );
    if let Ok(session) = HeaderValue::from_str(&session) {
        headers.append(SET_COOKIE, session);
    }
    headers.remove(X_FRAME_OPTIONS);
    let policy = headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| {
        let policy = policy.to_str().ok()?;
        let framed = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
        HeaderValue::from_str(&framed).ok()
    });
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The names of all states, for tests.
async fn names() -> Response {
    let names: Vec<&str> = ALL.iter().map(|state| state.name).collect();
    let json = serde_json::json!(names).to_string();
    ([(CONTENT_TYPE, "application/json")], json).into_response()
}

async fn style() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, STYLE).into_response()
}

/// All screens on one page, in all languages side by side unless one is asked for.
async fn sheet(Query(wish): Query<Wish>) -> Html<String> {
    let locale = wish.locale();
    let (theme, width) = (wish.theme(), wish.width());
    let address = |locale: Option<Locale>, theme: Theme, width: u16| {
        let tag = locale.map_or("all", Locale::tag);
        format!("/gallery?lang={tag}&theme={}&width={width}", theme.name())
    };
    let choice = |words: String, href: String, is_chosen: bool| {
        view! { <a href=href aria-current=is_chosen.then_some("true")>{words}</a> " " }
    };
    let languages = std::iter::once(None).chain(Locale::ALL.map(Some));
    let languages = languages.map(|it| {
        choice(
            it.map_or("All", Locale::name).to_owned(),
            address(it, theme, width),
            it == locale,
        )
    });
    let themes = Theme::all().map(|it| {
        choice(
            it.name().to_owned(),
            address(locale, it, width),
            it == theme,
        )
    });
    let themes = themes.collect_view();
    let widths =
        WIDTHS.map(|it| choice(format!("{it} px"), address(locale, theme, it), it == width));
    let screens = ALL
        .iter()
        .map(|state| {
            let shown = Locale::ALL.into_iter();
            let frames = shown
                .filter(|it| locale.is_none_or(|only| *it == only))
                .map(|it| {
                    let theme = theme.name();
                    let src = format!("/gallery/{}?lang={it}&theme={theme}", state.name);
                    // Only those in sight are drawn. The attribute is none of those that `view!` knows.
                    let frame = iframe()
                        .src(src.clone())
                        .title(format!("{} {it}", state.name))
                        .width(width.to_string())
                        .height("900")
                        .attr("loading", "lazy");
                    view! {
                        <div>
                            <a href=src>{it.tag()}</a>
                            {frame}
                        </div>
                    }
                });
            view! {
                <figure id=state.name>
                    <figcaption>{state.name}</figcaption>
                    {frames.collect_view()}
                </figure>
            }
        })
        .collect_view();
    let page = view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.name()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>"Gallery – Genkan"</title>
                <link rel="stylesheet" href="/gallery/sheet.css"/>
            </head>
            <body>
                <h1>"Gallery"</h1>
                <nav aria-label="Shown">
                    <p>{languages.collect_view()}</p>
                    <p>{themes}</p>
                    <p>{widths}</p>
                </nav>
                <main>{screens}</main>
            </body>
        </html>
    };
    Html(page.to_html())
}
