// The first view: what the fleet comes to, and where to look first.

function overview({ targets, findings }) {
  const sums = totals(targets, findings);
  return [
    el("div", { class: "figures" }, [
      targetFigure(sums), findingFigure(sums), changeFigure(sums), scoreFigure(sums),
      unknownFigure(targets)]),
    section("Trend", trend()),
    data.previous && section("New since the last run", newest(findings)),
    el("div", { class: "halves" },
      section("Targets to look at first", worst(targets, findings)),
      section("Rules broken most", rulesTable(findings, { limit: 10, whole: true, id: "top-rules" }),
        sums.error + sums.warning + sums.info > 0 && link("rules", [], {}, "All rules"))),
    section("By environment", groupsTable(targets, findings, "@environment")),
    data.tags.length > 0 && section(`By ${groupName(data.tags[0])}`,
      groupsTable(targets, findings, data.tags[0], { id: "teams", limit: 10, whole: true }),
      link("groups", [], { by: data.tags[0] }, "All groups, and other tags")),
  ];
}

function section(title, ...children) {
  return el("section", { class: "part" }, el("h2", null, title), children);
}

function figure(title, main, ...rest) {
  return el("section", { class: "figure" }, el("h2", null, title), el("p", { class: "big" }, main), rest);
}

function targetFigure(sums) {
  return figure("Targets", link("targets", [], {}, whole(sums.targets)),
    bar(STATUSES.map((status) => ({ kind: status, number: sums[status] }))),
    el("ul", { class: "legend" }, STATUSES.map((status) => el("li", null,
      statusMark(status), " ", link("targets", [], { status }, whole(sums[status]))))));
}

function findingFigure(sums) {
  const open = sums.error + sums.warning + sums.info;
  return figure("Open findings", link("findings", [], {}, whole(open)),
    bar(SEVERITIES.map((severity) => ({ kind: severity, number: sums[severity] }))),
    el("ul", { class: "legend" }, SEVERITIES.map((severity) => el("li", null,
      severityMark(severity), " ", link("findings", [], { sev: [severity] }, whole(sums[severity]))))));
}

function changeFigure(sums) {
  if (!data.previous) {
    return figure("Changes", el("span", { class: "quiet" }, "none yet"),
      el("p", { class: "quiet" }, "There is no earlier run to compare with."));
  }
  return figure("New findings", link("findings", [], { state: "new" }, whole(sums.new)),
    el("ul", { class: "legend" },
      el("li", null, stateMark("fixed"), " ", link("changes", [], {}, whole(fixedOnes(route).length))),
      el("li", null, stateMark("flapping"), " ", link("findings", [], { state: "flapping" }, whole(sums.flapping)))),
    el("p", { class: "quiet" }, `since ${minute(data.previous.started)}`));
}

function scoreFigure(sums) {
  const blind = sums.targets - sums.scored;
  return figure("Mean score", sums.score === null ? unknownMark() : [score(sums.score), el("small", null, " of 100")],
    sums.score !== null && el("p", null, `${percent(sums.coverage)} of the rules could be decided`),
    blind > 0 && el("p", { class: "quiet" }, `${count(blind, "target")} without a score, not counted`));
}

function unknownFigure(targets) {
  const lacking = targets.filter((target) => target.unknown.length).length;
  return figure("Not everything seen", link("unknowns", [], {}, whole(lacking)),
    el("p", null, `${lacking === 1 ? "target lacks" : "targets lack"} facts that rules need`),
    el("p", { class: "quiet" }, "What is unknown is neither good nor bad."));
}

// Shares of a whole as one bar; the legend beside it has the numbers.
function bar(parts) {
  const sum = parts.reduce((all, { number }) => all + number, 0);
  let x = 0;
  return svg("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "rest", x: 0, y: 0, width: 100, height: 8 }),
    parts.map(({ kind, number }) => {
      const width = sum ? number / sum * 100 : 0;
      x += width;
      return svg("rect", { class: kind, x: x - width, y: 0, width, height: 8 });
    }));
}

function newest(findings) {
  const rows = findings.filter((one) => one.state === "new")
    .sort((a, b) => rank(a.severity) - rank(b.severity));
  return [
    table({
      id: "newest", caption: "New findings, the worst first", rows, limit: 10, whole: true,
      columns: named(1, [severityColumn(), targetColumn((row) => row.target), ruleColumn(), messageColumn()]),
      empty: "Nothing new.",
    }),
    rows.length > 10 && el("p", null, link("findings", [], { state: "new" }, `All ${count(rows.length, "new finding")}`)),
  ];
}

// Marks which column names the row.
function named(head, columns) {
  return Object.assign(columns, { head });
}

function worst(targets, findings) {
  const own = perTarget(findings);
  const rows = targets.filter((target) => own.has(target))
    .sort((a, b) => own.get(b)[0] - own.get(a)[0] || own.get(b)[1] - own.get(a)[1]
      || (a.score ?? 101) - (b.score ?? 101));
  return table({
    id: "worst", caption: "The most errors first", rows, limit: 10, whole: true,
    columns: [
      targetColumn((row) => row),
      numberColumn("errors", "Errors", (row) => own.get(row)[0], "count error"),
      numberColumn("warnings", "Warnings", (row) => own.get(row)[1]),
      scoreColumn((row) => row),
    ],
    empty: "No open findings.",
  });
}
