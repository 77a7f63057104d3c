// The line of a search offers how it may go on, as a combobox; without a script it is a field like others.
const combo = document.querySelector("[data-complete]");
if (combo) {
  const field = combo.querySelector("input");
  const list = combo.querySelector("[role=listbox]");
  let chosen = -1;
  let asked = 0;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);

  const options = () => [...list.children];
  const close = () => { list.hidden = true; list.classList.remove("show"); chosen = -1; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
  const mark = (n) => {
    chosen = n;
    options().forEach((each, m) => { each.setAttribute("aria-selected", String(m === n)); each.classList.toggle("active", m === n); });
    if (n >= 0) { field.setAttribute("aria-activedescendant", options()[n].id); options()[n].scrollIntoView({ block: "nearest" }); }
  };
  const take = (option) => { field.value = option.dataset.line; field.focus(); ask(); };
  const ask = async () => {
    const number = ++asked;
    const answer = await fetch(`${combo.dataset.complete}?q=${encodeURIComponent(field.value)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || number !== asked) return;
    list.innerHTML = await answer.text();
    mark(-1);
    list.hidden = list.children.length === 0;
    list.classList.toggle("show", !list.hidden);
    field.setAttribute("aria-expanded", String(!list.hidden));
  };
  close();
  let timer;
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) { event.preventDefault(); ask(); return; }
    if (list.hidden) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(chosen >= last ? 0 : chosen + 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(chosen <= 0 ? last : chosen - 1); }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(options()[chosen]); }
    if (event.key === "Escape") { event.stopPropagation(); close(); }
  });
  list.addEventListener("mousedown", (event) => { event.preventDefault(); const option = event.target.closest("[role=option]"); if (option) take(option); });
  field.addEventListener("blur", close);
}

// One box that ticks all of the page.
const all = document.querySelector("[data-tick-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("change", () => document.querySelectorAll("input[name=id]").forEach((box) => { box.checked = all.checked; }));
}
