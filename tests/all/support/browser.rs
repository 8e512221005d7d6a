//! A browser: it keeps cookies, follows no redirect, and can look at what it got.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, REFERER, SET_COOKIE,
};
use http::{HeaderMap, Method};
use reqwest::redirect::Policy;
use scraper::{ElementRef, Html, Selector};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PUBLIC;

/// How long nothing comes before somebody who sends bytes by hand hangs up.
const PATIENCE: Duration = Duration::from_millis(500);

/// With htmx, or as a browser posts a form by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Htmx,
    Plain,
}

pub(crate) const HOWS: [How; 2] = [How::Htmx, How::Plain];

/// One browser. It asks for English, so that the tests can be read.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    genkan: SocketAddr,
    origin: String,
    cookies: Arc<Mutex<Vec<(String, String)>>>,
}

impl Browser {
    pub(crate) fn new(genkan: SocketAddr) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            genkan,
            origin: format!("http://{genkan}"),
            cookies: Arc::default(),
        }
    }

    /// Has a cookie from an earlier visit.
    pub(crate) fn keep(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().unwrap();
        cookies.retain(|(known, _)| known != name);
        cookies.push((name.to_owned(), value.to_owned()));
    }

    /// Forgets all cookies, as one that keeps none.
    pub(crate) fn clear(&self) {
        self.cookies.lock().unwrap().clear();
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        let (_, value) = cookies.iter().find(|(known, _)| known == name)?;
        Some(value.clone())
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        self.ask(Method::GET, path, headers).await
    }

    /// A request without a body.
    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut all = vec![
            (ACCEPT.as_str(), "text/html,*/*;q=0.8"),
            (ACCEPT_LANGUAGE.as_str(), "en"),
        ];
        merge(&mut all, headers);
        self.send(method, path, &all, None).await
    }

    /// Posts a form from a page of ours.
    pub(crate) async fn post(&self, how: How, path: &str, form: &[(&str, &str)]) -> Page {
        self.post_with(how, path, form, &[]).await
    }

    pub(crate) async fn post_with(
        &self,
        how: How,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        self.post_body(how, path, body, headers).await
    }

    /// Posts any body. `headers` take the place of those that a form of ours would send.
    pub(crate) async fn post_body(
        &self,
        how: How,
        path: &str,
        body: impl Into<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Page {
        let referer = format!("{PUBLIC}{}", path.replace("/fragments", ""));
        let mut all = vec![
            (ACCEPT.as_str(), "text/html"),
            (ACCEPT_LANGUAGE.as_str(), "en"),
            (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"),
            (ORIGIN.as_str(), PUBLIC),
            (REFERER.as_str(), &referer),
            ("sec-fetch-site", "same-origin"),
        ];
        if how == How::Htmx {
            all.push(("hx-request", "true"));
        }
        merge(&mut all, headers);
        self.send(Method::POST, path, &all, Some(body.into())).await
    }

    /// A connection that says nothing yet.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.genkan).await.unwrap()
    }

    /// Says what no browser says: these bytes as they are. What came back, until Genkan had enough. Where it waits for more,
    /// there is none.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect().await;
        // Who refuses the rest may close before all of it is there.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        loop {
            match timeout(PATIENCE, stream.read_buf(&mut answer)).await {
                Ok(Ok(0) | Err(_)) => return answer,
                Ok(Ok(_)) => {}
                Err(_) => {
                    let _ = stream.shutdown().await;
                }
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        let url = format!("{}{path}", self.origin);
        let mut request = self.http.request(method, url);
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            // A line break makes another header of the same name.
            for line in value.split('\n') {
                request = request.header(*name, line);
            }
        }
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        let page = Page {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.text().await.unwrap(),
        };
        self.take_cookies(&page);
        page
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn take_cookies(&self, page: &Page) {
        for cookie in page.set_cookies() {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies
                    .lock()
                    .unwrap()
                    .retain(|(known, _)| known != name);
            } else {
                self.keep(name, value);
            }
        }
    }
}

fn merge<'a>(all: &mut Vec<(&'a str, &'a str)>, headers: &[(&'a str, &'a str)]) {
    for (name, value) in headers {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    }

    /// The same without Genkan's own.
    pub(crate) fn cookies_of_kratos(&self) -> Vec<String> {
        let mut cookies = self.set_cookies();
        cookies.retain(|cookie| !cookie.starts_with("genkan_"));
        cookies
    }

    /// The page or fragment that is sent on, and where to: 303 for a browser, 200 with a header for htmx, which
    /// must never see a redirect.
    #[track_caller]
    pub(crate) fn leads(&self, how: How) -> &str {
        match how {
            How::Plain => self.redirects(),
            How::Htmx => {
                assert_eq!((self.status, self.body.as_str()), (200, ""));
                assert_eq!(self.header(LOCATION.as_str()), None);
                self.header("hx-redirect").expect("an HX-Redirect")
            }
        }
    }

    /// Where a browser is sent, also by a page that leads on.
    #[track_caller]
    pub(crate) fn leads_on(&self, how: How) -> String {
        match how {
            How::Plain if self.status == 200 => self.attr("#panel a", "href").unwrap(),
            How::Plain | How::Htmx => self.leads(how).to_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn redirects(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.body);
        assert_eq!(self.header("hx-redirect"), None);
        self.header(LOCATION.as_str()).expect("a Location")
    }

    /// Holds it to be a whole page, once and complete.
    #[track_caller]
    pub(crate) fn is_document(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(
            self.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(self.header("x-ui-fragment"), None);
        assert!(self.body.starts_with("<!DOCTYPE html>"), "{}", self.body);
        assert!(self.body.trim_end().ends_with("</html>"), "{}", self.body);
        for once in ["title", "main", "h1", "section#panel"] {
            assert_eq!(self.count(once), 1, "{once} in {}", self.body);
        }
        self.is_sound()
    }

    /// Holds it to be a panel that htmx may swap, with the title of the page.
    #[track_caller]
    pub(crate) fn is_fragment(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(
            self.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(self.header("x-ui-fragment"), Some("panel"));
        assert_eq!(self.header("hx-redirect"), None);
        for foreign in ["<!DOCTYPE", "<html", "<body", "<main"] {
            assert!(!self.body.contains(foreign), "{foreign} in {}", self.body);
        }
        for once in ["title", "h1", "section#panel"] {
            assert_eq!(self.count(once), 1, "{once} in {}", self.body);
        }
        self.is_sound()
    }

    /// At most one element takes the focus, and none shares its id.
    #[track_caller]
    fn is_sound(&self) -> &Self {
        let mut ids = self.attrs("[id]", "id");
        ids.sort();
        let twice = ids.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None, "{}", self.body);
        let focused = self.count("[autofocus]");
        assert!(focused <= 1, "{focused} elements take the focus");
        self
    }

    pub(crate) fn title(&self) -> String {
        self.text("title").expect("a title")
    }

    pub(crate) fn h1(&self) -> String {
        self.text("h1").expect("an h1")
    }

    /// The problems at the top, in order. Empty where there is no summary.
    pub(crate) fn summary(&self) -> Vec<String> {
        self.each("#error-summary li", words)
    }

    /// The text of a test id.
    pub(crate) fn testid(&self, id: &str) -> Option<String> {
        self.text(&format!(r#"[data-testid="{id}"]"#))
    }

    /// The text of the first element, with single spaces.
    pub(crate) fn text(&self, css: &str) -> Option<String> {
        self.each(css, words).into_iter().next()
    }

    pub(crate) fn texts(&self, css: &str) -> Vec<String> {
        self.each(css, words)
    }

    pub(crate) fn count(&self, css: &str) -> usize {
        self.each(css, |_| ()).len()
    }

    /// An attribute of the first element.
    pub(crate) fn attr(&self, css: &str, name: &str) -> Option<String> {
        self.attrs(css, name).into_iter().next()
    }

    /// An attribute of all elements that have it.
    pub(crate) fn attrs(&self, css: &str, name: &str) -> Vec<String> {
        let all = self.each(css, |element| element.attr(name).map(str::to_owned));
        all.into_iter().flatten().collect()
    }

    /// The value of a field or button.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.attr(&format!(r#"[name="{name}"]"#), "value")
    }

    /// The name of the field that takes the focus, or the id of whatever else does.
    pub(crate) fn focus(&self) -> Option<String> {
        let css = "[autofocus]";
        self.attr(css, "name").or_else(|| self.attr(css, "id"))
    }

    fn each<T>(&self, css: &str, look: impl Fn(ElementRef) -> T) -> Vec<T> {
        let selector = Selector::parse(css).unwrap();
        let html = Html::parse_document(&self.body);
        html.select(&selector).map(look).collect()
    }
}

fn words(element: ElementRef) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
