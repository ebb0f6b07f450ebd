"use strict";
// Polls /overview.json and shows it. Everything that comes from outside is put in as text, never as markup.
const POLL_MS = 2000;
// What is chosen is also in the address after the #, so that a view can be kept as a bookmark.
const chosen = { array: "", table: "", find: "", ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) };
const GOOD = ["SUCCEEDED", "online", "Synchronized", "Consistent", "ActiveActive", "ActiveBias", "masked"];
const BAD = ["FAILED", "offline", "Partitioned", "TransIdle", "Invalid", "expired"];
const WARN = ["Suspended", "Split", "Failed Over", "terminated"];
const INFO = ["RUNNING", "SCHEDULED", "SyncInProg", "secure"];
const at = (id) => document.getElementById(id);

function element(kind, classes, ...children) {
  const made = document.createElement(kind);
  if (classes) made.className = classes;
  made.append(...children.filter((child) => child !== null));
  return made;
}

const counted = (number, noun) => `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
const whole = (value) => Number(value).toLocaleString("en-US");

function size(gb) {
  if (gb >= 1024) return `${(gb / 1024).toLocaleString("en-US", { maximumFractionDigits: 1 })} TB`;
  return `${gb.toLocaleString("en-US", { maximumFractionDigits: 1 })} GB`;
}

function moment(seconds) {
  return new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19);
}

function bar(percent) {
  const inner = element("i");
  inner.style.width = `${Math.min(100, Math.max(0, percent))}%`;
  return element("div", percent >= 95 ? "bar full" : percent >= 80 ? "bar high" : "bar", inner);
}

function chip(text, tone) {
  return element("span", `chip ${tone || ""}`, text);
}

function tone(text) {
  const has = (list) => list.some((word) => text.includes(word));
  return has(BAD) ? "bad" : has(WARN) ? "warn" : has(GOOD) ? "good" : has(INFO) ? "info" : "";
}

function showArray(array) {
  const percent = array.usable_gb ? (100 * array.used_gb) / array.usable_gb : 0;
  const state = array.is_up ? (array.is_local ? chip("online", "good") : chip("remote", "info")) : chip("down", "bad");
  const used = element("span", "", element("b", "", size(array.used_gb)), ` of ${size(array.usable_gb)} used`);
  const counts = array.counts.map(([name, count]) =>
    element("div", "", element("b", "", whole(count)), element("span", "", name)));
  const jobs = array.jobs_under_way ? ` · ${counted(array.jobs_under_way, "job")} under way` : "";
  const ports = `${array.ports_online} of ${array.ports} ports online`;
  const card = element("button", "array",
    element("div", "head", element("span", "model", array.model), element("span", "id", array.id), state),
    bar(percent),
    element("div", "capacity", used, element("span", "", `${size(array.subscribed_gb)} subscribed`)),
    element("div", "counts", ...counts),
    element("div", "foot", `Microcode ${array.microcode} · ${ports}${jobs}`));
  card.type = "button";
  card.setAttribute("aria-pressed", String(array.id === chosen.array));
  card.dataset.array = array.id;
  card.addEventListener("click", () => choose({ array: array.id }));
  return card;
}

function showTab(tab) {
  const made = element("button", "tab", tab.title, element("b", "", whole(tab.count)));
  made.type = "button";
  made.setAttribute("role", "tab");
  made.setAttribute("aria-selected", String(tab.id === chosen.table));
  made.dataset.table = tab.id;
  made.addEventListener("click", () => choose({ table: tab.id }));
  return made;
}

function showCell(value, column) {
  if (value === null || value === "") return element("td", column.endsWith("UTC") ? "" : "quiet");
  if (column.endsWith("UTC")) return element("td", "number", moment(value));
  if (column.endsWith("%")) return element("td", "number", `${value} %`, bar(value));
  if (column.endsWith("GB")) return element("td", "number", size(value));
  if (typeof value === "number") return element("td", "number", whole(value));
  if (column === "State") {
    const parts = value.split(", ").flatMap((each) => [chip(each, tone(each)), " "]);
    return element("td", "", ...parts);
  }
  const isCode = ["Id", "Volume", "Local", "Remote", "Remote array", "Initiators", "Identifier", "Snap id"].includes(column);
  return element("td", isCode ? "mono" : value.length > 40 ? "long" : "", value);
}

function showTable(table) {
  const isNumber = (column) => /GB$|%$|UTC$/.test(column) ||
    ["Volumes", "LUN addresses", "Views", "Generation"].includes(column);
  const head = table.columns.map((column) =>
    element("th", isNumber(column) ? "number" : "", column.replace(/ (GB|UTC|%)$/, "")));
  head.forEach((cell) => { cell.scope = "col"; });
  at("table").tHead.replaceChildren(element("tr", "", ...head));
  const rows = table.rows.map((row) =>
    element("tr", "", ...row.map((value, place) => showCell(value, table.columns[place]))));
  at("table").tBodies[0].replaceChildren(...rows);
  at("nothing").hidden = rows.length > 0;
  at("nothing").textContent = chosen.find ? `Nothing is found for “${chosen.find}”.` : "Nothing here yet.";
  const shown = table.rows.length;
  at("found").textContent = table.found > shown ? `the first ${whole(shown)} of ${whole(table.found)}` :
    chosen.find ? `${whole(table.found)} found` : "";
}

function readable(path) {
  try {
    return decodeURIComponent(path.replace(/\+/g, " "));
  } catch {
    return path; // not UTF-8: somebody tries what the simulator makes of it
  }
}

function showCall(call) {
  const status = call.status === 0 ? chip("no answer", "odd") :
    chip(String(call.status), call.status < 300 ? "good" : call.status < 500 ? "warn" : "bad");
  const faults = call.faults.map((fault) => chip(fault, "odd"));
  const job = call.job_id ? ` · job ${call.job_id}` : "";
  const [, prefix, rest] = readable(call.path).match(/^(\/univmax\/(?:restapi)?(?:.*?\/symmetrix\/\d{12}(?=\/))?)?(.*)$/s);
  const line = element("div", "line", element("span", `verb ${call.verb.toLowerCase()}`, call.verb), status, ...faults,
    element("span", "when", `${call.duration_ms.toFixed(1)} ms`));
  return element("li", "", line,
    element("div", "path", prefix ? element("em", "", prefix.replace(/^\/univmax\/(restapi)?/, "…")) : null, rest),
    element("div", "who", `${moment(call.at).slice(11)} · ${call.client}${job}`));
}

function show(seen) {
  chosen.array = seen.array || "";
  chosen.table = seen.tab || "";
  at("unisphere").textContent = `${seen.unisphere.name} ${seen.unisphere.version}`;
  at("now").textContent = `${moment(seen.unisphere.now)} UTC`;
  at("number-of-calls").textContent = whole(seen.number_of_calls);
  const happened = seen.number_of_fired_faults ? `, ${whole(seen.number_of_fired_faults)} happened` : "";
  at("faults").textContent = seen.faults.length || happened ? `${seen.faults.length} set${happened}` : "none";
  at("faults").title = seen.faults.map((fault) => fault.title).join("\n");
  at("arrays").replaceChildren(...seen.arrays.map(showArray));
  at("tabs").replaceChildren(...seen.tabs.map(showTab));
  if (seen.table) showTable(seen.table);
  at("calls").replaceChildren(...seen.calls.map(showCall));
  at("no-calls").hidden = seen.calls.length > 0;
}

function announce(state, text) {
  at("live").className = `live ${state}`;
  at("live").textContent = text;
}

let asked = 0;
async function refresh() {
  const number = ++asked;
  const address = new URL("/overview.json", location.origin);
  for (const name of ["array", "table", "find"]) address.searchParams.set(name, chosen[name]);
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const seen = await answer.json();
    if (number !== asked) return; // a later choice is on its way
    const focus = document.activeElement?.dataset ?? {};
    show(seen);
    if (focus.array) document.querySelector(`[data-array="${focus.array}"]`)?.focus();
    if (focus.table) document.querySelector(`[data-table="${focus.table}"]`)?.focus();
    announce(seen.number_of_defects ? "off" : "on",
      seen.number_of_defects ? `live, but the simulator failed ${counted(seen.number_of_defects, "time")}` : "live");
  } catch {
    if (number === asked) announce("off", "the simulator does not answer");
  }
}

function choose(change) {
  Object.assign(chosen, change);
  const kept = Object.entries(chosen).filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
  refresh();
}

at("find").value = chosen.find;
at("find").addEventListener("input", (event) => choose({ find: event.target.value.trim() }));
setInterval(() => { if (!document.hidden) refresh(); }, POLL_MS);
refresh();
