// What is grouped: targets by a tag or property, findings by rule, unknowns by fact, reasons.

function groupsTable(targets, findings, by, options) {
  const groups = new Map();
  const own = (target) => {
    const name = groupOf(target, by);
    if (!groups.has(name)) groups.set(name, { name, targets: [], findings: [] });
    return groups.get(name);
  };
  for (const target of targets) own(target).targets.push(target);
  for (const finding of findings) own(finding.target).findings.push(finding);
  const rows = [...groups.values()].map((one) => ({ ...totals(one.targets, one.findings), name: one.name }));
  return table({
    id: "groups", caption: `By ${groupName(by)}`, rows, order: "error:desc", ...options,
    columns: [
      {
        id: "name", title: capital(groupName(by)),
        value: (row) => row.name || null,
        cell: (row) => link("targets", [], { by, group: row.name || "-" },
          row.name || el("span", { class: "quiet" }, "none")),
      },
      numberColumn("targets", "Targets", (row) => row.targets),
      numberColumn("partial", "Partly audited", (row) => row.partial),
      numberColumn("unreachable", "Unreachable", (row) => row.unreachable),
      numberColumn("error", "Errors", (row) => row.error, "count error"),
      numberColumn("warning", "Warnings", (row) => row.warning),
      numberColumn("info", "Notes", (row) => row.info),
      ...(data.previous ? [numberColumn("new", "New", (row) => row.new)] : []),
      scoreColumn((row) => row),
    ],
  });
}

function groupsView({ targets, findings }) {
  const choices = [...data.tags, ...Object.keys(PROPERTIES)];
  const chooser = el("select", {
    id: "by", on: { change: (event) => change({ by: event.target.value, group: "" }) },
  }, choices.map((by) => el("option", { value: by, selected: by === route.by }, groupName(by))));
  return [
    !printing && el("p", { class: "choose" }, el("label", { for: "by" }, "Group by "), chooser),
    groupsTable(targets, findings, route.by),
  ];
}

function rulesTable(findings, options) {
  const rules = new Map();
  for (const one of findings) {
    let row = rules.get(one.rule);
    if (!row) {
      row = { rule: one.rule, name: one.name, severity: one.severity, findings: 0, new: 0, targets: new Set() };
      rules.set(one.rule, row);
    }
    if (rank(one.severity) < rank(row.severity)) row.severity = one.severity;
    row.findings++;
    row.new += one.state === "new";
    row.targets.add(one.target);
  }
  const short = options && options.whole;
  return table({
    id: "rules", caption: "Rules with findings", rows: [...rules.values()].sort((a, b) => rank(a.severity) - rank(b.severity)),
    order: "findings:desc", ...options,
    columns: named(1, [
      severityColumn(), ruleColumn(),
      ...(short ? [] : [{
        id: "summary", title: "What it is about", kind: "message",
        cell: (row) => data.rules.get(row.rule)?.summary || "",
      }, {
        id: "category", title: "Category",
        value: (row) => data.rules.get(row.rule)?.category || null,
        cell: (row) => data.rules.get(row.rule)?.category || "",
      }]),
      numberColumn("targets", "Targets", (row) => row.targets.size),
      numberColumn("findings", "Findings", (row) => row.findings),
      ...(data.previous ? [numberColumn("new", "New", (row) => row.new)] : []),
    ]),
    empty: "No open findings.",
  });
}

function rulesView({ findings }) {
  return rulesTable(findings);
}

function lackingFacts(targets) {
  const facts = new Map();
  for (const target of targets) {
    for (const [missing, rules, hint] of target.unknown) {
      let row = facts.get(missing);
      if (!row) facts.set(missing, (row = { missing, hint, rules: new Set(), targets: [] }));
      row.hint = row.hint || hint;
      rules.forEach((rule) => row.rules.add(rule));
      row.targets.push(target);
    }
  }
  return [...facts.values()];
}

function unknownsView({ targets }) {
  return [
    el("p", { class: "lead" }, "Rules that lack a fact are undecided: they neither pass nor fail."
      + " Supply the fact, and the next run decides them."),
    table({
      id: "unknowns", caption: "Facts that rules lack", rows: lackingFacts(targets), order: "targets:desc",
      columns: [
        { id: "fact", title: "Fact", value: (row) => row.missing, cell: (row) => link("fact", [row.missing], {}, el("code", null, row.missing)) },
        numberColumn("targets", "Targets", (row) => row.targets.length),
        numberColumn("rules", "Rules", (row) => row.rules.size),
        { id: "hint", title: "How to supply it", kind: "message", cell: (row) => row.hint },
      ],
      empty: "No rule lacks a fact.",
    }),
  ];
}

function factView({ targets }, [missing]) {
  const [fact] = lackingFacts(targets).filter((row) => row.missing === missing);
  if (!fact) return el("p", { class: "empty" }, "No target lacks this fact with these filters.");
  return [
    el("p", { class: "lead" }, fact.hint),
    section("Rules that are undecided without it", el("ul", { class: "columns" },
      [...fact.rules].sort().map((rule) => el("li", null, ruleLink(rule, data.rules.get(rule)?.name || ""))))),
    section("Targets that lack it", table({
      id: "lacking", caption: "Targets without the fact", rows: fact.targets, order: "target:asc",
      columns: [targetColumn((row) => row), environmentColumn((row) => row), groupColumn((row) => row)],
    })),
  ];
}

function unreadView({ targets }) {
  const rows = targets.filter((target) => target.status !== "audited");
  const reasons = new Map();
  for (const { reason, status } of rows) {
    const key = `${status}\n${reason}`;
    if (!reasons.has(key)) reasons.set(key, { reason, status, number: 0 });
    reasons.get(key).number++;
  }
  const status = { id: "status", title: "Status", value: (row) => row.status, cell: (row) => statusMark(row.status) };
  const reason = { id: "reason", title: "Reason", kind: "message", value: (row) => row.reason, cell: (row) => row.reason };
  return [
    section("Reasons", table({
      id: "reasons", caption: "Why targets were not read, or not wholly", rows: [...reasons.values()],
      order: "targets:desc", empty: "Every target was read wholly.",
      columns: [reason, status, numberColumn("targets", "Targets", (row) => row.number)],
    })),
    rows.length > 0 && section("Targets", table({
      id: "unread", caption: "Targets not read, or not wholly", rows, order: "status:desc",
      columns: [
        targetColumn((row) => row), status, reason,
        numberColumn("attempts", "Attempts", (row) => row.attempts),
        { id: "seconds", title: "Took", number: true, value: (row) => row.seconds, cell: (row) => duration(row.seconds) },
        environmentColumn((row) => row), groupColumn((row) => row),
      ],
    })),
  ];
}
