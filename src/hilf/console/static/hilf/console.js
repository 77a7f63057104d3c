// Settings of htmx that the Content-Security-Policy asks for, and the few things that pages do by themselves.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;

const theme = document.getElementById("theme");
if (theme) {
  theme.hidden = false;
  theme.addEventListener("click", () => window.hilfTheme());
}

// On small screens the rooms are folded away behind a button.
const toggle = document.getElementById("rooms-toggle");
if (toggle) {
  toggle.addEventListener("click", () => {
    const isOpen = document.getElementById("rooms").classList.toggle("show");
    toggle.setAttribute("aria-expanded", String(isOpen));
  });
}

// Menus are <details>: they open without a script; with one they close when somebody goes on elsewhere.
const menus = () => document.querySelectorAll("details.hilf-menu[open]");
document.addEventListener("click", (event) => {
  menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(button.dataset.copy).then(() => button.classList.add("hilf-copied"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

const ready = (part) => part.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = !navigator.clipboard; });
ready(document);
document.body.addEventListener("htmx:load", (event) => ready(event.detail.elt));

// What went wrong is told where the person looks.
const fault = document.querySelector("[role=alert][tabindex]");
if (fault) fault.focus();

// A passkey that is added here can seal an officer's key later: its authenticator is asked for a PRF (docs/adr/0023).
if (navigator.credentials && navigator.credentials.create) {
  const create = navigator.credentials.create.bind(navigator.credentials);
  navigator.credentials.create = (asked) => {
    if (asked && asked.publicKey) asked.publicKey.extensions = { ...asked.publicKey.extensions, prf: {} };
    return create(asked);
  };
}
