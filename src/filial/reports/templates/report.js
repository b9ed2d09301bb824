"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const root = document.documentElement;

  // Charts: a colour "--name" is a variable of the style sheet, resolved for the current theme.
  const figures = read("figures");
  const resolve = (value, style) => {
    if (typeof value === "string") return value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
    if (Array.isArray(value)) return value.map((v) => resolve(v, style));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, k === "text" || k === "customdata" ? v : resolve(v, style)]));
    return value;
  };
  const draw = () => {
    const style = getComputedStyle(root);
    for (const [name, figure] of Object.entries(figures)) {
      const layout = resolve(figure.layout, style);
      layout.font.family = getComputedStyle(document.body).fontFamily;
      Plotly.react("chart-" + name, resolve(figure.data, style), layout,
        { displayModeBar: false, responsive: true, scrollZoom: false });
    }
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("beforeprint", () => { root.dataset.print = "1"; draw(); });
  addEventListener("afterprint", () => { delete root.dataset.print; draw(); });

  // The verdict table: all rows are data, at most a page of them is drawn.
  const body = document.getElementById("verdicts");
  if (!body) return;
  const PAGE = 25;
  const { rows, decimals } = read("rows");
  const [NUMBER, ARM, PROPOSER, WORDS, REASON, DECISION, GENERATION, DEV, GAIN, LOWER, UPPER, EVIDENCE, PAIRS, CPU] =
    Array(14).keys();
  const haystack = new Map(rows.map((row) =>
    [row, [row[WORDS], row[REASON], row[PROPOSER], "#" + row[NUMBER], "f" + row[GENERATION]].join("\n").toLowerCase()]));
  const state = { sort: NUMBER, up: false, shown: PAGE };
  const find = document.getElementById("find"), decision = document.getElementById("decision"), arm = document.getElementById("arm");
  const none = "—";
  const gain = (x) => {
    if (x === null) return none;
    const text = Math.abs(x).toFixed(decimals);
    return (x < 0 && Number(text) !== 0 ? "-" : "+") + text;
  };
  const evidence = (e) => e === null ? none : e >= 1e6 ? e.toExponential(1) : e >= 100 ? Math.round(e).toLocaleString("en") : String(+e.toPrecision(3));
  const seconds = (s) => s < 60 ? s.toFixed(s < 10 ? 1 : 0) + " s" : s < 3600 ? (s / 60).toFixed(1) + " min" : (s / 3600).toFixed(1) + " h";
  const cell = (tr, text, kind) => {
    const td = tr.insertCell();
    td.textContent = text;
    if (kind) td.className = kind;
    return td;
  };
  const add = (row) => {
    const tr = document.createElement("tr");
    cell(tr, row[NUMBER], "n");
    const verdict = row[DECISION] || "not judged";
    cell(tr, row[GENERATION] === null ? verdict : verdict + " F" + row[GENERATION], row[DECISION]);
    const what = cell(tr, row[WORDS], "what");
    what.appendChild(document.createElement("small")).textContent =
      row[PROPOSER] + (row[ARM] === "treatment" || row[ARM] === row[PROPOSER] ? "" : ", " + row[ARM] + " arm") + (row[REASON] ? ": " + row[REASON] : "");
    cell(tr, gain(row[DEV]), "n");
    cell(tr, gain(row[GAIN]), "n");
    cell(tr, row[GAIN] === null ? none : "[" + (row[LOWER] === null ? "-∞" : gain(row[LOWER])) + ", " + (row[UPPER] === null ? "+∞" : gain(row[UPPER])) + "]", "n");
    cell(tr, evidence(row[EVIDENCE]), "n");
    cell(tr, row[PAIRS] === null ? none : row[PAIRS], "n");
    cell(tr, seconds(row[CPU]), "n");
    return tr;
  };
  const order = (a, b) => {
    const x = a[state.sort], y = b[state.sort];
    if (x === y) return a[NUMBER] - b[NUMBER];
    if (x === null || x === "") return 1;
    if (y === null || y === "") return -1;
    return (x < y ? -1 : 1) * (state.up ? 1 : -1);
  };
  const show = () => {
    const words = find.value.trim().toLowerCase();
    const kept = rows.filter((row) => (!decision.value || row[DECISION] === decision.value)
      && (!arm.value || row[ARM] === arm.value) && (!words || haystack.get(row).includes(words))).sort(order);
    body.replaceChildren(...kept.slice(0, state.shown).map(add));
    document.getElementById("kept").textContent = kept.length + " of " + rows.length;
    const more = document.getElementById("more");
    more.hidden = kept.length <= state.shown;
    more.textContent = "Show " + Math.min(PAGE, kept.length - state.shown) + " more";
    for (const th of document.querySelectorAll("th[data-column]"))
      th.setAttribute("aria-sort", Number(th.dataset.column) === state.sort ? (state.up ? "ascending" : "descending") : "none");
    for (const mark of document.querySelectorAll("th[data-column] span"))
      mark.textContent = Number(mark.closest("th").dataset.column) === state.sort ? (state.up ? " ↑" : " ↓") : "";
  };
  for (const th of document.querySelectorAll("th[data-column]"))
    th.querySelector("button").addEventListener("click", () => {
      const column = Number(th.dataset.column);
      state.up = column === state.sort ? !state.up : column === WORDS || column === DECISION;
      state.sort = column;
      show();
    });
  for (const input of [find, decision, arm])
    input.addEventListener("input", () => { state.shown = PAGE; show(); });
  document.getElementById("more").addEventListener("click", () => { state.shown += PAGE; show(); });
  show();
})();
