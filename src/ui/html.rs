//! Markup that is finished: what a view has drawn, to stand in another.

use leptos::prelude::RenderHtml;
use leptos::tachys::html::InertElement;
use leptos::tachys::view::Position;

/// What leptos does not reckon with when it says how long a view will be: names and values of attributes, in bytes.
const ATTRIBUTES: usize = 1024;

/// A drawn piece of a page. In place of leptos' `AnyView`, which copies every attribute of a view to be able to draw it later
/// (`tachys/src/view/any_view.rs`, `into_any`): here there is no later. Made by [`Draw::html`] alone, so that every text in it
/// went through a view, which escapes it.
pub type Html = InertElement;

/// Draws a view at once.
pub trait Draw {
    /// The view as markup, to be answered.
    fn markup(self) -> String;

    /// The same at the end of markup that is there.
    fn draw_into(self, markup: &mut String);

    /// The view as markup, to stand in another view.
    fn html(self) -> Html;
}

impl<V: RenderHtml> Draw for V {
    fn markup(self) -> String {
        let mut markup = String::with_capacity(self.html_len() + ATTRIBUTES);
        self.draw_into(&mut markup);
        markup
    }

    fn draw_into(self, markup: &mut String) {
        let at = &mut Position::FirstChild;
        self.to_html_with_buf(markup, at, true, false, Vec::new());
    }

    fn html(self) -> Html {
        InertElement::new(self.markup())
    }
}
