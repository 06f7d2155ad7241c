// Trailkeep's console: what makes it quick under the hands. Every page works without it.
"use strict";
(() => {
  const doc = document, root = doc.documentElement;
  const $ = (selector, at = doc) => at.querySelector(selector);
  const $$ = (selector, at = doc) => [...at.querySelectorAll(selector)];
  root.classList.add("js");

  // Slow pages say that they are coming.
  let busyTimer = 0;
  const busy = () => { clearTimeout(busyTimer); busyTimer = setTimeout(() => root.classList.add("busy"), 120); };
  const idle = () => { clearTimeout(busyTimer); root.classList.remove("busy"); };
  addEventListener("pageshow", idle);
  addEventListener("submit", (event) => { if (!event.defaultPrevented && !event.target.dataset.download) busy(); });

  // Theme: system, light, dark. The cookie lets the server render the right one at once.
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const toggleTheme = () => {
    const next = dark() ? "light" : "dark";
    root.dataset.theme = next;
    doc.cookie = `trailkeep_theme=${next}; path=/; max-age=31536000; samesite=strict`;
  };

  // Rows under the hand: j, k, Enter.
  let selected = -1;
  const rows = () => $$("[data-row]");
  const select = (to) => {
    const all = rows();
    if (!all.length) return;
    all.forEach((row) => row.classList.remove("sel"));
    selected = Math.max(0, Math.min(all.length - 1, to));
    all[selected].classList.add("sel");
    all[selected].scrollIntoView({ block: "nearest" });
    if ($("#drawer .drawer")) openRow();
  };
  const openRow = () => { const row = rows()[selected]; if (row) $("a[data-open]", row)?.click(); };

  // The event drawer: the same page with &event=…, fetched as a fragment.
  let wanted = 0;
  const showDrawer = async (href, push) => {
    const holder = $("#drawer"), ticket = ++wanted;
    if (!holder) { location.href = href; return; }
    busy();
    try {
      const url = new URL(href, location.href);
      const ask = new URL(url);
      ask.searchParams.set("fragment", "1");
      const answer = await fetch(ask, { headers: { "x-requested-with": "fetch" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const html = await answer.text();
      if (ticket !== wanted) return;
      holder.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
      holder.parentElement.classList.add("open");
      if (push) history.pushState({ drawer: true }, "", url);
    } catch { location.href = href; } finally { idle(); }
  };
  const closeDrawer = () => {
    const holder = $("#drawer"), close = holder && $("[data-close]", holder);
    if (!close) return false;
    wanted++;
    history.pushState({}, "", close.href);
    holder.replaceChildren();
    holder.parentElement.classList.remove("open");
    return true;
  };
  addEventListener("popstate", () => location.reload());

  const copy = async (button) => {
    const target = button.dataset.copyFrom ? $(button.dataset.copyFrom)?.textContent : button.dataset.copy;
    try { await navigator.clipboard.writeText(target ?? ""); } catch {
      const area = doc.createElement("textarea");
      area.value = target ?? "";
      doc.body.append(area);
      area.select();
      doc.execCommand("copy");
      area.remove();
    }
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1200);
  };

  // SQL editor.
  const insert = (area, text) => {
    area.focus();
    const { selectionStart: from, selectionEnd: to } = area;
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const tab = (event, area) => {
    event.preventDefault();
    const { selectionStart: from, selectionEnd: to, value } = area;
    if (from === to && !event.shiftKey) { insert(area, "  "); return; }
    const start = value.lastIndexOf("\n", from - 1) + 1;
    const lines = value.slice(start, to).split("\n");
    const moved = lines.map((line) => event.shiftKey ? line.replace(/^ {1,2}/, "") : "  " + line).join("\n");
    area.setRangeText(moved, start, to, "select");
  };

  addEventListener("click", (event) => {
    const at = event.target.closest("[data-copy], [data-copy-from], [data-theme-toggle], [data-help], [data-insert], a[data-open], a[data-close], a[href]");
    if (!at) return;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (at.matches("[data-copy], [data-copy-from]")) { event.preventDefault(); copy(at); }
    else if (at.matches("[data-theme-toggle]")) { event.preventDefault(); toggleTheme(); }
    else if (at.matches("[data-help]")) { event.preventDefault(); help(); }
    else if (at.matches("[data-insert]")) { const area = $("textarea[data-editor]"); if (area) { event.preventDefault(); insert(area, at.dataset.insert); } }
    else if (!plain) return;
    else if (at.matches("[data-open]")) {
      event.preventDefault();
      const row = at.closest("[data-row]");
      if (row) { rows().forEach((r, i) => { r.classList.toggle("sel", r === row); if (r === row) selected = i; }); }
      if (at.dataset.open === "drawer") showDrawer(at.href, true); else location.href = at.href;
    } else if (at.matches("[data-close]")) { if (closeDrawer()) event.preventDefault(); }
    else if (at.origin === location.origin && !at.target && !at.hasAttribute("download") && at.pathname + at.search !== location.pathname + location.search) busy();
  });

  // A whole row opens, unless text was being selected.
  addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row || event.target.closest("a, button, input, select, label") || String(getSelection())) return;
    $("a[data-open]", row)?.click();
  });

  // Dragging over a chart narrows the range.
  const brushable = $$(".plot[data-brush]");
  for (const plot of brushable) {
    let start = null, mark = null;
    const share = (event) => { const box = plot.getBoundingClientRect(); return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)); };
    plot.addEventListener("dragstart", (event) => event.preventDefault());
    plot.addEventListener("pointerdown", (event) => { if (event.button === 0) { start = share(event); } });
    addEventListener("pointermove", (event) => {
      if (start === null) return;
      const now = share(event);
      if (!mark && Math.abs(now - start) < 0.01) return;
      if (!mark) { mark = doc.createElement("div"); mark.className = "brush"; plot.append(mark); }
      mark.style.left = `${Math.min(start, now) * 100}%`;
      mark.style.width = `${Math.abs(now - start) * 100}%`;
    });
    addEventListener("pointerup", (event) => {
      if (start === null) return;
      const [a, b] = [start, share(event)].sort((x, y) => x - y);
      start = null;
      if (!mark) return;
      mark = null;
      plot.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      const from = Date.parse(plot.dataset.from), to = Date.parse(plot.dataset.to), step = Math.max(1000, Number(plot.dataset.step) * 1000);
      const snap = (share, round) => from + round(share * (to - from) / step) * step;
      const url = new URL(plot.dataset.brush, location.href);
      url.searchParams.set("from", new Date(snap(a, Math.floor)).toISOString());
      url.searchParams.set("to", new Date(snap(b, Math.ceil)).toISOString());
      busy();
      location.href = url;
    });
  }

  const help = () => { const dialog = $("#help"); if (dialog) dialog.open ? dialog.close() : dialog.showModal(); };
  const goes = { o: "/", c: "/controls", s: "/search", q: "/sql", f: "/findings", i: "/incidents", a: "/alarms", r: "/responses", t: "/settings" };
  let going = 0;
  addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (event.isComposing) return;
    if (event.target.matches?.("textarea[data-editor]") && event.key === "Tab") { tab(event, event.target); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field?.form) { event.preventDefault(); field.form.requestSubmit(field.form.querySelector("[data-default]") ?? undefined); return; }
    if (event.key === "Escape") { if (field) { field.blur(); } else if (!$("dialog[open]")) closeDrawer(); return; }
    if (field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (going && Date.now() - going < 1200 && goes[event.key]) { going = 0; busy(); location.href = goes[event.key]; return; }
    going = 0;
    // What a page offers under a key: a button is pressed, a field is entered.
    const offered = event.key.length === 1 && !$("dialog[open]") && $(`[data-key="${CSS.escape(event.key)}"]`);
    if (offered) { event.preventDefault(); if (offered.matches("button, a")) offered.click(); else offered.focus(); return; }
    switch (event.key) {
      case "/": { const box = $("[data-search]"); event.preventDefault(); if (box) { box.focus(); box.select(); } else location.href = "/search"; break; }
      case "g": going = Date.now(); break;
      case "j": select(selected + 1); break;
      case "k": select(selected - 1); break;
      case "Enter": if (selected >= 0 && !event.target.closest("a, button, summary")) openRow(); break;
      case "?": help(); break;
      case "d": toggleTheme(); break;
      case "n": $("a[data-next]")?.click(); break;
    }
  });

  // Forms that act at once when a choice is made.
  addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

  // The overview keeps itself fresh while it is looked at.
  const fresh = $("main[data-refresh]");
  if (fresh) setInterval(async () => {
    if (doc.hidden || doc.activeElement?.closest?.("main") || $("dialog[open]") || $(".brush") || $("main a:hover") || $("main input:checked")) return;
    try {
      const answer = await fetch(location.href);
      if (!answer.ok || answer.redirected) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main .body");
      if (!next) return;
      const at = $("[data-row].sel a[data-open]")?.getAttribute("href");
      $("main .body").replaceChildren(...next.childNodes);
      selected = at ? rows().findIndex((row) => $("a[data-open]", row)?.getAttribute("href") === at) : -1;
      rows()[selected]?.classList.add("sel");
    } catch { /* the next round will tell */ }
  }, Number(fresh.dataset.refresh) * 1000);
})();
