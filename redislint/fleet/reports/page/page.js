// The page itself: views, where they stand in the navigation, and what happens on a change.

const VIEWS = {
  overview: ["Overview", overview],
  targets: ["Targets", targetsView, ({ targets }) => targets.length],
  findings: ["Findings", findingsView, ({ findings }) => findings.length],
  rules: ["Rules", rulesView, ({ findings }) => new Set(findings.map((one) => one.rule)).size],
  groups: ["Teams and tags", groupsView],
  persistence: ["Persistence", persistenceView],
  changes: ["New and fixed", changesView, ({ findings }) => data.previous
    && findings.filter((one) => one.state === "new").length + fixedOnes(route).length],
  unknowns: ["Unknowns", unknownsView, ({ targets }) => lackingFacts(targets).length],
  unread: ["Not read", unreadView, ({ targets }) => targets.filter((one) => one.status !== "audited").length],
};
const DETAILS = {
  target: ["Target", targetView, "targets"],
  rule: ["Rule", ruleView, "rules"],
  fact: ["Missing fact", factView, "unknowns"],
};

function titleOf({ view, args }) {
  if (VIEWS[view]) return VIEWS[view][0];
  if (view === "rule") return `${args[0]} ${data.rules.get(args[0])?.name || ""}`;
  return DETAILS[view] ? `${DETAILS[view][0]} ${args[0] || ""}` : "";
}

let address = null;
let shown = null;

function show() {
  if (address === location.hash) return; // a change of the address tells of itself twice
  address = location.hash;
  route = parse(location.hash);
  if (!VIEWS[route.view] && !DETAILS[route.view]) route = { ...route, view: "overview", args: [] };
  const found = select(route);
  const place = [route.view, ...route.args].join("/");
  const moved = shown !== null && shown !== place;
  shown = place;
  setFilters();
  navigation(found);
  draw(byId("main"), found);
  document.title = `${titleOf(route)} - ${data.run.name}`;
  announce(resultOf(found));
  if (moved) {
    scrollTo(0, 0);
    byId("main").querySelector("h1").focus({ preventScroll: true });
  }
}

function draw(main, found) {
  const [, render] = VIEWS[route.view] || DETAILS[route.view];
  replace(main, el("h1", { tabindex: -1 }, titleOf(route)), render(found, route.args));
}

function resultOf({ targets, findings }) {
  if (route.view === "target") return "One target, with all its findings: filters hold in the lists.";
  const all = filtered() ? ` of ${whole(data.targets.length)}` : "";
  return `${count(findings.length, "finding")} on ${whole(targets.length)}${all} targets.`;
}

// Says something to those who do not see the page; it stands above the view for all others.
function announce(text) {
  byId("status").textContent = text;
}

function navigation(found) {
  const current = VIEWS[route.view] ? route.view : DETAILS[route.view][2];
  replace(byId("views"), el("ul", null, Object.entries(VIEWS).map(([view, [title, , number]]) => {
    const counted = number ? number(found) : null;
    return el("li", null, el("a", { href: href(view), "aria-current": view === current ? "page" : null },
      title, counted !== null && [" ", el("span", { class: "badge" }, whole(counted))]));
  })));
}

function about() {
  const { run } = data;
  replace(byId("about"), el("strong", null, run.name),
    el("span", null, `run of ${minute(run.started)}`),
    el("span", { class: "quiet" }, `redislint ${run.version}, from ${run.inventory}`));
  for (const notice of data.notices) byId("alarms").append(el("p", { class: "note" }, notice));
}

const THEMES = { "": "automatic", light: "light", dark: "dark" };

function kept() {
  try {
    return localStorage.getItem("redislint-theme") || "";
  } catch (error) {
    if (error instanceof DOMException) return ""; // no storage for this page: the system decides
    throw error;
  }
}

function keep(theme) {
  try {
    localStorage.setItem("redislint-theme", theme);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

function makeTheme() {
  const button = el("button", { type: "button", id: "theme" });
  const set = (theme) => {
    const known = theme in THEMES ? theme : "";
    document.documentElement.dataset.theme = known;
    replace(button, `Theme: ${THEMES[known]}`);
  };
  button.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    keep(next);
    set(next);
  });
  set(kept());
  replace(byId("tools"), button,
    el("button", { type: "button", on: { click: () => print() } }, "Print"));
}

// What is printed: the detail that is shown, else every view with the present filters.
const PRINTED = ["overview", "changes", "rules", "groups", "persistence", "unknowns", "unread"];

function preparePrint() {
  const found = select(route);
  const views = DETAILS[route.view] ? [] : PRINTED;
  printing = true;
  replace(byId("print"), views.map((view) => el("section", null, el("h1", null, VIEWS[view][0]),
    VIEWS[view][1](found, []))));
  printing = false;
  document.body.classList.toggle("printing-all", views.length > 0);
  for (const details of document.querySelectorAll("#print details, main details")) details.open = true;
}

function keys(event) {
  const typing = /^(input|select|textarea)$/i.test(event.target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    controls.q.focus();
    controls.q.select();
  }
}

function start() {
  about();
  makeTheme();
  makeFilters();
  byId("views").hidden = false;
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
  });
  addEventListener("popstate", show);
  addEventListener("hashchange", show);
  addEventListener("keydown", keys);
  addEventListener("beforeprint", preparePrint);
  addEventListener("afterprint", () => replace(byId("print")));
  show();
}

start();
