// Draws what the kernel computes. Text from data is only ever set as text, never as HTML.
const SIGNS = { ascending: " ▲", descending: " ▼", none: "" };
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0],
  PageDown: [10, 0], Home: [0, -1000], End: [0, 1000] };

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.append(...children);
  return node;
}

const button = (label, onclick) => Object.assign(make("button", { type: "button" }, label), { onclick });
const cells = (tag, texts, columns) =>
  texts.map((text, place) => make(tag, { class: `rf-${columns[place].kind}` }, text));

async function copy(text, root) {
  if (await navigator.clipboard?.writeText(text).then(() => true, () => false)) return true;
  // Pages without https have no clipboard, but an old command that copies what is selected.
  const area = root.appendChild(Object.assign(make("textarea", { class: "rf-hidden" }), { value: text }));
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}

function download(text, name, root) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  root.appendChild(make("a", { href, download: name, class: "rf-hidden" })).click();
  setTimeout(() => { root.querySelector(`a[href="${href}"]`)?.remove(); URL.revokeObjectURL(href); }, 60000);
}

function render({ model, el }) {
  const filter = make("input", { type: "search", placeholder: "name, id or amount", "aria-label": "Filter" });
  const [head, count, section] = [make("div"), make("span"), make("section")];
  const [status, notes] = [make("div", { role: "status" }), make("ul", { class: "rf-notes" })];
  const [grid, more] = [make("table", { role: "grid" }), button("Show more", () => ask({ more: true }))];
  const bar = make("div", { class: "rf-bar" }, make("label", {}, "Filter ", filter), count, more);
  const root = make("div", { class: "rf-browser mathjax_ignore tex2jax_ignore" },
    head, bar, make("div", { class: "rf-scroll" }, grid), status, section, notes);
  // Where the arrow keys stop: the names of the columns, then the cells, row by row.
  let [stops, at, waiting, typing] = [[], [0, 0], 0, 0];
  const say = (text) => { status.textContent = text; };
  const close = () => { ask({ select: null }); stops[at[0]][at[1]].focus(); };
  const gone = () => say("The kernel does not answer. After a restart run this cell again.");
  function ask(message) {
    root.setAttribute("aria-busy", "true");
    clearTimeout(waiting);
    waiting = setTimeout(gone, 10000);
    try { model.send(message); } catch { gone(); }
  }

  function stopAt(row, column, focus) {
    const bounded = (place, length) => Math.max(0, Math.min(place, length - 1));
    at = [bounded(row, stops.length), bounded(column, stops[0].length)];
    stops.flat().forEach((stop) => { stop.tabIndex = stop === stops[at[0]][at[1]] ? 0 : -1; });
    if (focus) stops[at[0]][at[1]].focus();
  }

  function drawTable() {
    const { title, question, demo, columns, rows, ...table } = model.get("_table");
    const hadFocus = grid.contains(grid.getRootNode().activeElement);
    head.replaceChildren(make("strong", {}, title), ` ${question} `, make("b", { class: "rf-alarm" }, demo));
    count.textContent = table.count;
    more.hidden = !table.more;
    if (!typing) filter.value = table.filter;
    stops = [columns.map((column) => button(column.label + SIGNS[column.sort]))];
    const names = cells("th", stops[0], columns);
    columns.forEach(({ sort, name, meaning }, place) => {
      Object.assign(names[place], { role: "columnheader", scope: "col", title: meaning, ariaSort: sort });
      Object.assign(stops[0][place], { tabIndex: -1, onclick: () => ask({ sort: name }) });
    });
    const lines = rows.map((row) => {
      if (row.kind === "group") return make("tr", {}, make("th", { colspan: columns.length }, ...row.cells));
      const line = cells("td", row.cells, columns);
      line.forEach((cell, place) => {
        const message = [row.key, columns[place].name];
        Object.assign(cell, { role: "gridcell", tabIndex: -1, message, onclick: () => select(cell) });
      });
      stops.push(line);
      return make("tr", { class: `rf-${row.kind} ${row.alarm ? "rf-alarm" : ""}` }, ...line);
    });
    grid.setAttribute("aria-label", title);
    grid.replaceChildren(make("thead", {}, make("tr", {}, ...names)), make("tbody", {}, ...lines));
    notes.replaceChildren(...table.notes.map((note) => make("li", {}, note)));
    stopAt(...at, hadFocus);
    drawSelected();
  }

  function drawSelected() {
    const selected = String(model.get("_cell"));
    stops.slice(1).flat().forEach((cell) => { cell.ariaSelected = String(String(cell.message) === selected); });
  }

  function drawDocuments() {
    const { heading, columns, rows, total } = model.get("_documents");
    section.hidden = !columns;
    if (!columns) return;
    const names = make("tr", {}, ...cells("th", columns.map((column) => column.label), columns));
    const lines = rows.map((row) => make("tr", {}, ...cells("td", row, columns)));
    if (total.length) lines.push(make("tr", { class: "rf-total" }, ...cells("td", total, columns)));
    section.replaceChildren(
      make("div", { class: "rf-bar" }, make("strong", {}, heading), button("Copy", () => ask({ fetch: "copy" })),
        button("Download CSV", () => ask({ fetch: "csv" })), button("Close", close)),
      make("div", { class: "rf-scroll", tabindex: 0, role: "group", "aria-label": heading },
        make("table", { "aria-label": "Documents" }, make("thead", {}, names), make("tbody", {}, ...lines))));
  }

  function select(cell) {
    const row = stops.findIndex((line) => line.includes(cell));
    stopAt(row, stops[row].indexOf(cell), true);
    if (cell.message[0] === undefined) return say("Show more, or filter, to select one of these rows.");
    say("Reading the documents …");
    ask({ select: cell.message });
  }

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // single keys are commands of the notebook
    const [move, inGrid] = [MOVES[event.key], grid.contains(event.target)];
    if (inGrid && move) stopAt(at[0] + move[0], at[1] + move[1], true);
    else if (inGrid && [" ", "Enter"].includes(event.key)) event.target.click();
    else if (event.key === "Escape" && event.target !== filter) close();
    else return;
    event.preventDefault();
  });
  const sendFilter = () => { typing = 0; ask({ filter: filter.value }); };
  filter.oninput = () => { clearTimeout(typing); typing = setTimeout(sendFilter, 150); };
  const answer = async ({ csv, name, text, status }) => {
    clearTimeout(waiting);
    if (csv !== undefined) download(csv, name, root);
    const isRefused = text !== undefined && !(await copy(text, root));
    say(isRefused ? "The browser refuses to copy: download the CSV." : status);
    root.removeAttribute("aria-busy");
  };
  const listeners = { "change:_table": drawTable, "change:_cell": drawSelected, "change:_documents": drawDocuments,
    "msg:custom": answer };
  Object.entries(listeners).forEach(([event, listener]) => model.on(event, listener));
  // The table that stays in the saved notebook stands below: where this is drawn, it is hidden.
  const style = make("style", {}, `.rutterframe-static-${model.get("_static")} { display: none; }`);
  document.head.append(style);
  el.append(root);
  [drawTable, drawDocuments, () => say(model.get("_status"))].forEach((draw) => draw());
  return () => {
    [style, root].forEach((node) => node.remove());
    Object.entries(listeners).forEach(([event, listener]) => model.off(event, listener));
  };
}
export default { render };
