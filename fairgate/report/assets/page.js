// Brings a page to life: draws its charts, and for a report keeps charts, table and examples in step with the reader's choices.
// Reads the JSON in #page (see fairgate/report/page.py). Text from data only ever becomes textContent, row values or parameter values.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const tables = Object.fromEntries(Object.entries(page.tables).map(([name, table]) => [name, rowsOf(table)]));
  const views = new Map();
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add("js");
  document.querySelectorAll("[data-js]").forEach((element) => { element.hidden = false; });

  // ---- tables -------------------------------------------------------------------------------------------------------------------------

  function rowsOf(table) {
    const rows = Array.from({ length: table.rows }, () => ({}));
    for (const [name, column] of Object.entries(table.columns)) {
      const at = reader(column);
      rows.forEach((row, index) => { row[name] = at(index); });
    }
    return rows;
  }

  function reader(column) {
    if (Array.isArray(column)) return (index) => column[index];
    if (column.lists) return (index) => column.lists[index].map((code) => column.values[code]);
    return (index) => (column.codes[index] < 0 ? null : column.values[column.codes[index]]);
  }

  // ---- charts -------------------------------------------------------------------------------------------------------------------------

  async function draw(figure) {
    const name = figure.dataset.chart;
    const { spec, tables: sources } = page.charts[name];
    // Rows and choices are there before the first drawing.
    for (const source of spec.data) {
      if (sources.includes(source.name)) source.values = tables[source.name].map((row) => ({ ...row }));
    }
    const choices = { ...signals(), labels: page.labels, named: page.named };
    for (const signal of spec.signals.filter((item) => item.name in choices)) signal.value = choices[signal.name];
    if (window.innerWidth < 640) spec.config.axis = { ...spec.config.axis, labelLimit: 150, labelFontSize: 11 };
    // `logLevel` 1 is errors: a choice without rows is none. `ast` lets Vega walk its expressions instead of compiling them: the page's policy forbids code made from strings.
    const { view } = await vegaEmbed(figure.querySelector(".chart"), spec, { mode: "vega", ast: true, actions: false, renderer: "svg", defaultStyle: false, logLevel: 1 });
    view.addEventListener("click", (_event, item) => clicked(name, item));
    views.set(name, view);
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      try {
        await draw(figure);
      } catch (error) {
        figure.classList.add("failed");
        console.error("chart", figure.dataset.chart, error);
      }
    }
    document.documentElement.dataset.ready = "true";
  }

  function has(view, name) {
    return name in view.getState({ signals: () => true, data: () => false }).signals;
  }

  function update(changes) {
    Object.assign(state, changes);
    const values = signals();
    for (const view of views.values()) {
      for (const name of Object.keys(values).filter((name) => has(view, name))) view.signal(name, values[name]);
      view.runAsync();
    }
    render();
  }

  function clicked(chart, item) {
    const datum = item && item.datum;
    if (!datum) return;
    if (typeof datum.slice === "string" && page.slices) focusOn(datum.slice);
    if (chart === "scatter" && typeof datum.row === "number") showExample(datum.row);
  }

  // ---- a report's state ---------------------------------------------------------------------------------------------------------------

  const state = { ...page.start, chosen: [], by: "order", texts: false };

  function signals() {
    const { metric, threshold, focus, chosen, by, measure, pair } = state;
    return { metric, threshold, focus, chosen, by, measure, pair };
  }

  // To the curves by slice, which have controls of their own.
  function sendToCurves(name, value) {
    for (const view of views.values()) if (has(view, name)) view.signal(name, value).runAsync();
  }

  function focusOn(slice) {
    update({ focus: slice });
    const panel = byId("focus-panel");
    if (panel && panel.getBoundingClientRect().top > window.innerHeight - 80) panel.scrollIntoView({ block: "start" });
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  const number = (value, digits = 3) => (value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−"));
  const signed = (value) => (value === null || value === undefined ? "–" : (value > 0 ? "+" : value < 0 ? "−" : "±") + Math.abs(value).toFixed(3));
  const count = (value) => (value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en"));

  function render() {
    renderTable();
    renderWeakest();
    renderPanel();
    const metric = page.metrics.find((item) => item.name === state.metric);
    const timed = metric && metric.thresholds;
    const says = `${metric ? metric.label : state.metric}${timed ? ` at threshold ${state.threshold}` : ""}`;
    document.querySelectorAll("[data-says=metric]").forEach((place) => { place.textContent = says; });
    document.querySelectorAll("[data-says=meaning]").forEach((place) => { place.textContent = metric ? metric.meaning : ""; });
    document.querySelectorAll("[data-says=focus-n]").forEach((place) => {
      const row = current().find(({ slice, model }) => slice === state.focus && model === state.judged);
      place.textContent = row ? count(row.n) : "–";
    });
    document.querySelectorAll("[data-says=sampled]").forEach((place) => {
      place.textContent = count(tables.examples.filter((row) => row.sampled && row.slices.includes(state.focus)).length);
    });
    document.querySelectorAll("[data-says=focus]").forEach((place) => { place.textContent = state.focus; });
    const compared = Boolean(metric && metric.compared);
    toggle("threshold", Boolean(timed));
    toggle("gaps", compared);
    if (byId("slices")) byId("slices").classList.toggle("no-gaps", !compared);
    if (byId("threshold")) byId("threshold").disabled = !timed;
    if (byId("focus")) byId("focus").value = state.focus;
    if (byId("announce")) byId("announce").textContent = says;
  }

  function toggle(what, there) {
    const places = [...document.querySelectorAll(`[data-needs=${what}]`)];
    const appears = there && places.some((place) => place.hidden);
    places.forEach((place) => { place.hidden = !there; });
    document.querySelectorAll(`[data-lacks=${what}]`).forEach((place) => { place.hidden = there; });
    // A chart that was drawn out of sight has no width yet.
    if (appears) window.dispatchEvent(new Event("resize"));
  }

  function current() {
    return tables.metrics.filter((row) => row.metric === state.metric && (row.threshold === null || row.threshold === state.threshold));
  }

  function renderTable() {
    const body = byId("slices-body");
    if (!body) return;
    const rows = new Map();
    for (const row of current()) rows.set(row.slice, { ...rows.get(row.slice), [row.model]: row });
    const shown = page.slices.filter(({ slice }) => rows.has(slice) && (slice === "overall" || !state.chosen.length || state.chosen.includes(slice)));
    const rank = { order: (s) => s.order, value: (s) => -(judged(rows.get(s.slice)).value ?? -1e9), difference: (s) => -Math.abs(judged(rows.get(s.slice)).difference_to_overall ?? 0) }[state.by];
    shown.sort((a, b) => (b.slice === "overall") - (a.slice === "overall") || rank(a) - rank(b));
    body.replaceChildren(...shown.map((slice) => tableRow(slice, rows.get(slice.slice))));
  }

  // The name, with places where a line may break.
  const breakable = (name) => name.split(/(?<=[:_×])/).flatMap((part) => [part, element("wbr")]);
  const judged = (models) => models.candidate || models.baseline || {};

  function tableRow(slice, models) {
    const { baseline = {}, candidate = {} } = models;
    const row = judged(models);
    const name = element("button", { type: "button", className: "slice", onclick: () => focusOn(slice.slice) }, ...breakable(slice.slice));
    const change = baseline.value == null || candidate.value == null ? null : candidate.value - baseline.value;
    const cells = [count(row.n), withRange(baseline), withRange(candidate), withGain(change, row), row.difference_to_overall == null ? "–" : signed(row.difference_to_overall), row.ratio_to_overall == null ? "–" : `${number(row.ratio_to_overall, 2)} ×`];
    const made = element("tr", {}, element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", { className: "num" }, cell)));
    if (slice.slice === state.focus) made.setAttribute("aria-current", "true");
    return made;
  }

  const withRange = (row) => ranged(number(row.value), row.low, row.high);

  function ranged(text, low, high) {
    if (low == null || high == null) return text;
    return element("span", {}, text, element("span", { className: "range", textContent: ` ${number(low)} ${low < 0 ? "to" : "–"} ${number(high)}` }));
  }

  const better = () => (page.metrics.find((item) => item.name === state.metric) || {}).better;

  // Coloured only where the interval of the change does not hold 0.
  function withGain(change, { change_low: low, change_high: high }) {
    const beyond = low != null && high != null && (low > 0 || high < 0) && better() !== "neither";
    const className = !beyond ? "muted" : (low > 0) === (better() === "higher") ? "good" : "bad";
    return ranged(element("span", { className, textContent: signed(change) }), low, high);
  }

  // In the order of fairgate/report/sections/weakest.py.
  function renderWeakest() {
    const body = byId("weakest-body");
    if (!body) return;
    const rows = current().filter((row) => row.model === state.judged && row.slice !== "overall" && row.value !== null);
    const ranked = rows.map((row) => ({ row, bad: badness(row) }));
    ranked.sort((a, b) => (a.bad.least === null) - (b.bad.least === null) || (a.bad.least === null ? b.bad.value - a.bad.value : b.bad.least - a.bad.least));
    body.replaceChildren(...ranked.slice(0, page.weakest).map(({ row }) => weakestRow(row)));
  }

  function badness(row) {
    if (better() === "lower") return { least: row.low, value: row.value };
    if (better() === "higher") return { least: row.high === null ? null : -row.high, value: -row.value };
    const [low, high] = [row.difference_to_overall_low, row.difference_to_overall_high];
    const value = row.difference_to_overall === null ? -Infinity : Math.abs(row.difference_to_overall);
    return { least: low === null || high === null ? null : Math.max(low, -high), value };
  }

  function weakestRow(row) {
    const name = element("button", { type: "button", className: "slice", onclick: () => focusOn(row.slice) }, ...breakable(row.slice));
    const few = row.n < page.few ? [" ", element("span", { className: "badge muted", textContent: "few" })] : [];
    const difference = row.difference_to_overall === null ? "–" : ranged(signed(row.difference_to_overall), row.difference_to_overall_low, row.difference_to_overall_high);
    const ratio = row.ratio_to_overall === null ? "–" : `${number(row.ratio_to_overall, 2)} ×`;
    const cells = [element("span", {}, count(row.n), ...few), withRange(row), difference, ratio].map((cell) => element("td", { className: "num" }, cell));
    return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
  }

  // ---- the slice in focus and its most wrong examples ---------------------------------------------------------------------------------

  function renderPanel() {
    const list = byId("wrong");
    if (!list || !tables.examples) return;
    const inside = tables.examples.filter((row) => row.slices.includes(state.focus) && isWrong(row));
    const worst = inside.sort((a, b) => b.wrong - a.wrong).slice(0, page.per_slice);
    list.replaceChildren(...worst.map(exampleItem));
    byId("no-examples").hidden = worst.length > 0;
    if (byId("show-texts")) {
      byId("show-texts").textContent = state.texts ? "Hide texts" : "Show texts";
      byId("show-texts").setAttribute("aria-pressed", String(state.texts));
    }
  }

  function isWrong(row) {
    if (row.predicted) return row.predicted !== row.label;
    return (row.candidate > (state.threshold ?? 0.5)) !== (row.truth === 1);
  }

  function exampleItem(row) {
    const parts = [];
    if (row.image) parts.push(element("img", { src: `data:image/png;base64,${row.image}`, alt: `example of ${row.label}` }));
    parts.push(element("div", { className: "what", textContent: row.predicted && row.predicted !== row.label ? `${row.label}, called ${row.predicted}` : row.label }));
    const scores = [["baseline", row.baseline], ["candidate", row.candidate]].filter(([, score]) => score !== null && score !== undefined);
    parts.push(element("div", { className: "scores", textContent: scores.map(([name, score]) => `${name} ${number(score)}`).join(" → ") }));
    if (state.texts && row.text) parts.push(element("p", { className: "text", dir: "auto", textContent: row.text }));
    return element("li", {}, ...parts);
  }

  function showExample(index) {
    const place = byId("picked");
    if (!place) return;
    place.dataset.row = index;
    place.replaceChildren(exampleItem(tables.examples[index]));
  }

  // ---- controls -----------------------------------------------------------------------------------------------------------------------

  function listen(id, event, handler) {
    if (byId(id)) byId(id).addEventListener(event, handler);
  }

  function controls() {
    listen("metric", "change", (event) => update({ metric: event.target.value }));
    listen("focus", "change", (event) => update({ focus: event.target.value }));
    listen("by", "change", (event) => update({ by: event.target.value }));
    listen("measure", "change", (event) => update({ measure: event.target.value }));
    listen("pair", "change", (event) => update({ pair: event.target.value }));
    listen("threshold", "input", (event) => {
      const threshold = page.thresholds[Number(event.target.value)];
      byId("threshold-value").textContent = threshold;
      event.target.setAttribute("aria-valuetext", String(threshold));
      update({ threshold });
    });
    listen("curve-feature", "change", (event) => sendToCurves("curve_feature", event.target.value));
    listen("curve-model", "change", (event) => sendToCurves("curve_model", event.target.value));
    listen("confusion-model", "change", (event) => views.get("confusion").signal("model", event.target.value).runAsync());
    listen("coverage-rule", "change", (event) => views.get("coverage").signal("rule", event.target.value).runAsync());
    listen("show-texts", "click", () => {
      update({ texts: !state.texts });
      const picked = byId("picked");
      if (picked && picked.dataset.row) showExample(Number(picked.dataset.row));
    });
    slicePicker();
  }

  function slicePicker() {
    const boxes = [...document.querySelectorAll("#slice-picker input[type=checkbox]")];
    const choose = () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      byId("slice-count").textContent = `${chosen.length} of ${boxes.length}`;
      // An empty list stands for all slices in the charts, so nothing chosen keeps overall alone.
      update({ chosen: chosen.length ? chosen : ["overall"] });
    };
    const set = (test) => { boxes.forEach((box) => { box.checked = test(box); }); choose(); };
    boxes.forEach((box) => box.addEventListener("change", choose));
    listen("choose-all", "click", () => set(() => true));
    listen("choose-none", "click", () => set(() => false));
    listen("choose-single", "click", () => set((box) => box.dataset.pair === "false"));
    listen("slice-search", "input", (event) => {
      const wanted = event.target.value.toLowerCase();
      boxes.forEach((box) => { box.closest("label").hidden = !box.value.toLowerCase().includes(wanted); });
    });
    document.addEventListener("click", (event) => {
      const open = document.querySelector("details.picker[open]");
      if (open && !open.contains(event.target)) open.open = false;
    });
    if (boxes.length) state.chosen = boxes.filter((box) => box.checked).map((box) => box.value);
  }

  // Paper shows what is folded away on screen.
  window.addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.picker)").forEach((item) => { item.open = true; }));

  if (page.start) {
    controls();
    render();
  }
  drawAll();
})();
