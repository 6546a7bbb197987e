// The filters above each view. They are made once; a change of place sets their values.

const controls = {};

function makeFilters() {
  const search = el("input", {
    type: "search", id: "q", autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/",
    placeholder: "name, address, tag, rule, message",
    on: {
      input: () => later(() => change({ q: search.value }, true)),
      keydown: (event) => {
        if (event.key === "Escape" && search.value) {
          search.value = "";
          change({ q: "" }, true);
        }
      },
    },
  });
  controls.q = search;
  replace(byId("filters"),
    el("div", { class: "field wide" }, el("label", { for: "q" }, "Search ", el("kbd", null, "/")), search),
    el("details", { class: "more-filters", open: innerWidth > 960 || filtered() },
      el("summary", null, "More filters"), el("div", { class: "fields" }, moreFields())));
  byId("filters").hidden = false;
}

function moreFields() {
  return [
    severityField(),
    choice("state", "State of findings", [["open", "open"], ["all", "open and waived"], ["new", "new"],
      ["persistent", "persistent"], ["flapping", "flapping"], ["waived", "waived"]]),
    choice("status", "Status of targets", [["", "any"], ...STATUSES.map((one) => [one, STATUS_NAMES[one]])]),
    choice("rule", "Rule", [["", "any"], ...rulesFound()]),
    choice("env", "Environment", [["", "any"], ...valuesOf("@environment")]),
    choice("by", "Tag", [...data.tags, ...Object.keys(PROPERTIES)].map((by) => [by, PROPERTIES[by] ? groupName(by) : by])),
    choice("group", "Its value", []),
    el("button", { type: "button", id: "clear", class: "quiet-button", on: { click: clear } }, "Clear filters"),
  ];
}

function severityField() {
  controls.sev = SEVERITIES.map((severity) => el("input", {
    type: "checkbox", id: `sev-${severity}`, value: severity,
    on: { change: () => change({ sev: controls.sev.filter((box) => box.checked).map((box) => box.value) }) },
  }));
  return el("fieldset", { class: "field" }, el("legend", null, "Severity"),
    el("div", { class: "boxes" }, controls.sev.map((box) => el("label", { class: "box" }, box, severityMark(box.value)))));
}

function choice(name, title, options) {
  const select = el("select", {
    id: `f-${name}`,
    on: { change: () => change(name === "by" ? { by: select.value, group: "" } : { [name]: select.value }) },
  });
  setOptions(select, options);
  controls[name] = select;
  return el("div", { class: "field" }, el("label", { for: `f-${name}` }, title), select);
}

function setOptions(select, options) {
  replace(select, options.map(([value, text]) => el("option", { value }, text)));
}

function rulesFound() {
  const found = new Map(data.findings.map((one) => [one.rule, one.name]));
  return [...found].sort().map(([rule, name]) => [rule, `${rule} ${name}`]);
}

function valuesOf(by) {
  const found = new Set(data.targets.map((target) => groupOf(target, by)));
  return [...found].sort().map((value) => [value || "-", value || "none"]);
}

let grouped = "";

// Shows the filters of the place that the page is at now.
function setFilters() {
  if (grouped !== route.by) {
    grouped = route.by;
    setOptions(controls.group, [["", "any"], ...valuesOf(route.by)]);
  }
  if (document.activeElement !== controls.q) controls.q.value = route.q;
  for (const box of controls.sev) box.checked = route.sev.includes(box.value);
  for (const name of ["state", "status", "rule", "env", "by", "group"]) {
    controls[name].value = route[name];
    controls[name].classList.toggle("set", !["by"].includes(name) && route[name] !== FILTERS[name]);
  }
  byId("clear").hidden = !filtered();
}

function filtered() {
  return Object.keys(FILTERS).some((name) => name !== "by" && String(route[name]) !== String(FILTERS[name]));
}

function clear() {
  controls.q.value = "";
  const { by, ...rest } = FILTERS;
  change(rest);
  controls.q.focus();
}

let timer = 0;

function later(action) {
  clearTimeout(timer);
  timer = setTimeout(action, 120);
}
