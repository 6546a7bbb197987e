// The place in the page is the fragment of its address: #/VIEW/ARGUMENT?filters. Every link is
// a real one, so that it can be copied, opened in a tab, and gone back from.

const FILTERS = { q: "", sev: [], rule: "", state: "open", status: "", env: "", by: "", group: "" };
const WHERE = { sort: "", page: "" };

let route = parse("");

function parse(hash) {
  const [path, query] = cut(hash.replace(/^#\/?/, ""), "?");
  const [view, ...rest] = path.split("/").map(decoded);
  const found = { view: view || "overview", args: rest, ...FILTERS, ...WHERE };
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "sev") found.sev = value.split(",").filter((one) => SEVERITIES.includes(one));
    else if (name in FILTERS || name in WHERE) found[name] = value;
  }
  if (!(found.state in STATES)) found.state = "open";
  if (found.status && !STATUSES.includes(found.status)) found.status = "";
  if (!found.by) found.by = data.tags[0] || "@environment";
  return found;
}

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text; // typed by hand: taken as it stands
    throw error;
  }
}

// The address of a view; filters stay as they are unless `changes` says else.
function href(view, args, changes) {
  const target = { ...route, ...WHERE, ...changes };
  const query = new URLSearchParams();
  const standard = { ...FILTERS, by: data.tags[0] || "@environment" };
  for (const name of [...Object.keys(FILTERS), ...Object.keys(WHERE)]) {
    const value = String(target[name]);
    if (value && value !== String(standard[name] || "")) query.set(name, value);
  }
  const path = [view, ...(args || [])].map(encodeURIComponent).join("/");
  const text = query.toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

function link(view, args, changes, ...children) {
  return el("a", { href: href(view, args, changes) }, children);
}

function targetLink(target) {
  return el("a", { href: href("target", [target.entry, target.target]) }, target.entry);
}

function ruleLink(rule, name) {
  return el("a", { href: href("rule", [rule]) }, el("code", null, rule), ` ${name}`);
}

// Goes somewhere: with an entry in the history of the browser, or (while typing) without.
function go(hash, quietly) {
  if (hash === location.hash) return;
  if (quietly) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  show();
}

// Changes filters or the order in the present view.
function change(changes, quietly) {
  go(href(route.view, route.args, { page: "", ...changes, sort: "sort" in changes ? changes.sort : route.sort }), quietly);
}
