// Before the page is drawn: light or dark, and the reader's time zone for the server.
(() => {
  const root = document.documentElement;
  const keep = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`; };
  const kept = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1];
  root.classList.add("js");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => { root.dataset.bsTheme = kept("hilf_theme") || (system.matches ? "dark" : "light"); };
  show();
  system.addEventListener("change", show);
  window.hilfTheme = () => { keep("hilf_theme", root.dataset.bsTheme === "dark" ? "light" : "dark"); show(); };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone !== kept("hilf_zone")) keep("hilf_zone", zone);
})();
