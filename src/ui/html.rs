//! Markup that is finished: what a view has drawn, to stand in another.

use leptos::prelude::RenderHtml;
use leptos::tachys::html::InertElement;

/// A drawn piece of a page. In place of leptos' `AnyView`, which copies every attribute of a view to be able to draw it later
/// (`tachys/src/view/any_view.rs`, `into_any`): here there is no later. Made by [`Draw::html`] alone, so that every text in it
/// went through a view, which escapes it.
pub type Html = InertElement;

/// Draws a view at once.
pub trait Draw {
    /// The view as markup.
    fn html(self) -> Html;
}

impl<V: RenderHtml> Draw for V {
    fn html(self) -> Html {
        InertElement::new(self.to_html())
    }
}
