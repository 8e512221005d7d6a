// What the pages can do with a script that they cannot do without: say that an answer did not arrive and keep what was
// typed, show a password, ask for passkeys and security keys, copy and print. Everything else is plain HTML, or htmx.
(() => {
  "use strict";

  const all = (selector) => document.querySelectorAll(selector);

  // Read out, and seen by nobody.
  const live = document.getElementById("live");
  const say = (text) => {
    live.textContent = text;
  };

  // ---- Answers that take long ----

  let waiting;
  const wait = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => say(live.dataset.waiting), 3000);
  };
  const stopWaiting = () => {
    clearTimeout(waiting);
    if (live.textContent === live.dataset.waiting) say("");
  };
  addEventListener("pagehide", stopWaiting);

  // ---- Answers that did not arrive ----

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
    stopWaiting();
    const { status, headers } = event.detail.ctx.response;
    const isOurs = headers.has("HX-Redirect") || headers.get("X-UI-Fragment") === "panel";
    const message = headers.get("X-UI-Message");
    if (isOurs && status < 500 && !message) return;
    event.preventDefault();
    // A form that could not be taken at all stays as it was typed; after a failure of the service the usual words do.
    const told = message && status < 500 ? decodeURIComponent(message.replaceAll("+", " ")) : undefined;
    fail(headers.get("X-Request-Id"), told);
  });

  document.addEventListener("htmx:error", () => {
    stopWaiting();
    fail();
  });

  // ---- Passwords in sight ----

  const passwordOf = (button) => document.getElementById(button.getAttribute("aria-controls"));
  const reveal = (button, isShown) => {
    const { show, showNamed, hide, hideNamed } = button.dataset;
    passwordOf(button).type = isShown ? "text" : "password";
    button.textContent = isShown ? hide : show;
    button.ariaLabel = isShown ? hideNamed : showNamed;
  };
  // Before anything is sent: browsers keep what was typed into other fields, to suggest it to the next who comes.
  const conceal = (form) => form.querySelectorAll("[data-shown]").forEach((button) => reveal(button, false));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-shown]");
    if (!button) return;
    const isShown = passwordOf(button).type === "password";
    reveal(button, isShown);
    say(isShown ? button.dataset.shown : button.dataset.hidden);
  });

  // Before htmx reads the form.
  document.addEventListener(
    "submit",
    (event) => {
      conceal(event.target);
      wait();
    },
    true,
  );

  // ---- Passkeys and security keys, https://www.w3.org/TR/webauthn-3/ ----

  // Kratos writes bytes in either alphabet of base64; browsers give them in the one for addresses.
  const toBytes = (text) => {
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
  };
  const toText = (buffer) => {
    const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const fromHex = (text) => Uint8Array.from(text.match(/../g), (byte) => Number.parseInt(byte, 16));
  const withBytes = (keys) => keys?.map((key) => ({ ...key, id: toBytes(key.id) }));

  // The options as the browser wants them. A new key is named after the account, as far as it is typed already.
  const optionsOf = (button) => {
    const sent = JSON.parse(button.dataset.options);
    const { publicKey } = sent.credentialOptions || sent;
    publicKey.challenge = toBytes(publicKey.challenge);
    if (button.dataset.ceremony === "get") {
      publicKey.allowCredentials = withBytes(publicKey.allowCredentials);
      return { publicKey };
    }
    const name = button.form.elements[sent.displayNameFieldName]?.value;
    const { user } = publicKey;
    publicKey.user = { ...user, id: toBytes(user.id), ...(name && { name, displayName: name }) };
    const known = button.dataset.keys.split(" ").filter(Boolean);
    const excluded = known.map((key) => ({ type: "public-key", id: fromHex(key) }));
    publicKey.excludeCredentials = [...(withBytes(publicKey.excludeCredentials) || []), ...excluded];
    return { publicKey };
  };

  // A key that is made in vain stays on the device all the same, so what else is asked for comes first. A password is not:
  // the key takes its place.
  const isComplete = ({ form }) => [...form.elements].every((field) => field.type === "password" || field.reportValidity());

  const answerOf = ({ id, rawId, type, response }) => {
    const parts = ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"];
    const given = parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]);
    return JSON.stringify({ id, rawId: toText(rawId), type, response: Object.fromEntries(given) });
  };

  // At most one request to an authenticator at a time: the browser refuses a second.
  let pending;
  const ask = async (button, mediation) => {
    pending?.abort();
    const controller = (pending = new AbortController());
    try {
      const options = { ...optionsOf(button), ...(mediation && { mediation }), signal: controller.signal };
      const credential = await navigator.credentials[button.dataset.ceremony](options);
      // Another panel may have come in the meantime.
      if (!button.isConnected) return;
      button.form.elements[button.dataset.answer].value = answerOf(credential);
      // Until the page is gone. It may be shown again as it was left.
      button.ariaBusy = "true";
      addEventListener("pagehide", () => (button.ariaBusy = null), { once: true });
      // Leaves the page, as password managers expect it, and sends no button of another method along.
      conceal(button.form);
      HTMLFormElement.prototype.submit.call(button.form);
      wait();
    } finally {
      if (pending === controller) pending = undefined;
    }
  };

  const suggest = async () => {
    const button = document.querySelector("[data-suggest]");
    const isPossible = await window.PublicKeyCredential?.isConditionalMediationAvailable?.();
    // Nobody has asked for this, so nobody is told how it ends.
    if (button?.isConnected && isPossible && !pending) ask(button, "conditional").catch(() => {});
  };

  // Why nothing came of it. Where another request took this one's place there is nothing to say.
  const REASONS = { AbortError: undefined, NotAllowedError: "cancelled", InvalidStateError: "known" };
  const reasonOf = ({ name }) => (name in REASONS ? REASONS[name] : "failed");

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-ceremony]");
    if (!button || button.ariaBusy) return;
    conceal(button.form);
    if (!isComplete(button)) return;
    const note = button.nextElementSibling;
    note.hidden = true;
    button.ariaBusy = "true";
    try {
      await ask(button);
    } catch (error) {
      button.ariaBusy = null;
      const reason = reasonOf(error);
      if (!reason) return;
      // No fault of anybody's.
      note.className = reason === "cancelled" ? "hint" : "error";
      note.textContent = button.dataset[reason] || button.dataset.failed;
      note.hidden = false;
      say(note.textContent);
      suggest();
    }
  });

  // A device would go on to offer a passkey that is removed here. Only of that one is it told: which others there are Kratos
  // does not say in full, and a passkey that is left out of a list may be deleted.
  let removed;
  document.addEventListener("submit", ({ submitter }) => {
    removed = submitter?.name === "passkey_remove" ? submitter.value : undefined;
  });
  const forget = () => {
    const button = document.querySelector("[data-answer=passkey_settings_register]");
    if (removed && button && document.getElementById("notice")) {
      const rpId = optionsOf(button).publicKey.rp.id;
      PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId: toText(fromHex(removed)) });
    }
    removed = undefined;
  };

  const prepare = () => {
    // The style keeps room for what needs it, or takes that back.
    if (!window.PublicKeyCredential) return (document.documentElement.dataset.without = "webauthn");
    forget();
    all("[data-needs=webauthn]").forEach((element) => (element.hidden = false));
    suggest();
  };

  document.addEventListener("htmx:before:swap", () => {
    pending?.abort();
    pending = undefined;
  });
  document.addEventListener("htmx:after:swap", prepare);
  prepare();

  // ---- Panels in which no field comes next ----

  // What had the focus is gone with the panel before.
  document.addEventListener("htmx:after:swap", () => {
    if (document.activeElement === document.body) document.querySelector("#panel h1").focus();
  });

  // ---- Backup codes and setup keys ----

  document.addEventListener("click", async (event) => {
    const { copy, copied, print } = event.target.dataset;
    if (print !== undefined) window.print();
    if (copy === undefined) return;
    say("");
    // Refused, or not to be had without https: what is to be copied stands there.
    try {
      await navigator.clipboard.writeText(copy);
      say(copied);
      const { target } = event;
      const words = target.textContent;
      target.textContent = copied;
      setTimeout(() => (target.textContent = words), 3000);
    } catch {}
  });
})();
