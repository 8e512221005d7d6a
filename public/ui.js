// What the pages can do with a script that they cannot do without: say that an answer did not arrive, and keep what
// was typed. Everything else is plain HTML, or htmx.
(() => {
  "use strict";

  const notice = () => document.getElementById("net-error");

  // Shown below the panel, which stays as it is. The number is the one in Genkan's log, if the answer came from there.
  const fail = (requestId, message) => {
    const element = notice();
    if (!element) return;
    const text = element.querySelector("span");
    text.textContent = message || text.dataset.default;
    element.querySelector("code").textContent = requestId || "";
    element.hidden = false;
  };

  document.addEventListener("htmx:before:request", () => {
    const element = notice();
    if (element) element.hidden = true;
  });

  // Only what Genkan marked as a panel may take the panel's place: never a proxy's own error page.
  document.addEventListener("htmx:before:response", (event) => {
    const { status, headers } = event.detail.ctx.response;
    const isOurs = headers.has("HX-Redirect") || headers.get("X-UI-Fragment") === "panel";
    const message = headers.get("X-UI-Message");
    if (isOurs && status < 500 && !message) return;
    event.preventDefault();
    // A form that could not be taken at all stays as it was typed; after a failure of the service the usual words do.
    const told = message && status < 500 ? decodeURIComponent(message.replaceAll("+", " ")) : undefined;
    fail(headers.get("X-Request-Id"), told);
  });

  document.addEventListener("htmx:error", () => fail());
})();
