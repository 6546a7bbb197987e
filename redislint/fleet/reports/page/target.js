// One target: everything that is known of it, and everything that is not.

function targetView(_, [entry, id]) {
  const target = data.targets.find((one) => one.entry === entry && one.target === id)
    || data.targets.find((one) => one.entry === entry);
  if (!target) return el("p", { class: "empty" }, "This run has no target of that name.");
  const open = target.findings.filter((one) => one.state !== "waived");
  const waived = target.findings.filter((one) => one.state === "waived");
  return [
    target.status !== "audited" && el("p", { class: "alarm" },
      el("strong", null, target.status === "partial" ? "Only partly audited. " : "Not reached. "), target.reason),
    el("dl", { class: "facts" }, factsOf(target).map(([name, value]) => [
      el("div", null, el("dt", null, name), el("dd", null, value))])),
    section(`Findings (${whole(open.length)})`, open.length
      ? [...open].sort((a, b) => rank(a.severity) - rank(b.severity)).map(findingCard)
      : el("p", { class: "empty" }, target.status === "unreachable"
        ? "Nothing is known: the target was not read." : "No open findings in what could be decided.")),
    waived.length > 0 && section(`Waived (${whole(waived.length)})`, waived.map(findingCard)),
    target.unknown.length > 0 && section(`Undecided for lack of facts (${whole(target.unknown.length)})`,
      table({
        id: "missing", caption: "Facts that rules lack here", order: "rules:desc",
        rows: target.unknown.map(([missing, rules, hint]) => ({ missing, rules, hint })),
        columns: [
          { id: "fact", title: "Fact", value: (row) => row.missing, cell: (row) => link("fact", [row.missing], {}, el("code", null, row.missing)) },
          numberColumn("rules", "Rules", (row) => row.rules.length),
          { id: "hint", title: "How to supply it", kind: "message", cell: (row) => row.hint },
        ],
      })),
    target.errors.length > 0 && section("What went wrong", el("ul", null, target.errors.map((one) =>
      el("li", null, el("strong", null, one.stage), `: ${one.message}`)))),
  ];
}

function factsOf(target) {
  const { persistence, outcomes } = target;
  const decided = `${whole(outcomes.pass)} pass, ${whole(outcomes.fail)} fail, ${whole(outcomes.unknown)} unknown,`
    + ` ${whole(outcomes["not-applicable"])} not applicable${outcomes.error ? `, ${whole(outcomes.error)} failed to run` : ""}`;
  const facts = [
    ["Status", statusMark(target.status)],
    ["Read from", el("code", null, target.uri)],
    target.target !== target.uri && ["Target", el("code", null, target.target)],
    ["Kind", target.kind],
    ["Server", version(target) || unknownMark()],
    ["Role", orUnknown(target.role, String)],
    ["Score and coverage", scoreCell(target)],
    ["Rules", decided],
    ["Persistence", orUnknown(persistence, (one) => [el("code", null, one.mode), el("span", { class: "sub" }, modeMeaning(one.mode))])],
  ];
  if (persistence) {
    facts.push(["Lost when the process dies", durationCell(persistence.loss_window_s.process_crash)],
      ["Lost when the host dies", durationCell(persistence.loss_window_s.host_crash)],
      ["Time to restart", durationCell(persistence.restart_s)]);
  }
  facts.push(
    target.rpo && ["Declared RPO", target.rpo],
    target.rto && ["Declared RTO", target.rto],
    target.environment && ["Environment", target.environment],
    target.workload.length > 0 && ["Workload", target.workload.join(", ")],
    ...Object.entries(target.tags).map(([key, value]) => [`Tag ${key}`,
      link("targets", [], { by: key, group: value || "-" }, value || "(empty)")]),
    ["Audited at", `${minute(target.at)}, in ${duration(target.seconds)}, ${count(target.attempts, "attempt")}`]);
  return facts.filter(Boolean);
}

function findingCard(finding) {
  const { location: place, past, fix, remediation, waiver } = finding;
  const reasons = waiver && [waiver.reason, waiver.owner && `owner ${waiver.owner}`,
    waiver.until && `until ${waiver.until}`, waiver.source && `from ${waiver.source}`].filter(Boolean).join(", ");
  return el("article", { class: `finding ${finding.severity}` },
    el("h3", null, severityMark(finding.severity), " ", ruleLink(finding.rule, finding.name), " ", stateMark(finding.state)),
    el("p", { class: "said" }, finding.message),
    el("dl", { class: "facts" }, [
      past && ["Since", moment(past[1])],
      past && past[0] !== past[1] && ["First seen", moment(past[0])],
      past && ["Seen in a row", count(past[2], "look")],
      place && ["Where", el("code", null, `${place.path}:${place.line}:${place.column}`)],
      finding.directives.length > 0 && ["Directives", finding.directives.map((one) => [el("code", null, one), " "])],
      waiver && ["Waived", reasons],
    ].filter(Boolean).map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value)))),
    fix && el("div", { class: "fix" }, el("h4", null, "Fix"), el("pre", { tabindex: 0 }, fix)),
    remediation && remedies(remediation));
}

const FORMS = [["cli", "AWS CLI"], ["terraform", "Terraform"], ["cloudformation", "CloudFormation"]];

function remedies(remediation) {
  return el("div", { class: "fix" }, el("h4", null, "Remediation"), prose(remediation.note),
    FORMS.filter(([name]) => remediation[name]).map(([name, title]) => el("details", { class: "more" },
      el("summary", null, title), el("pre", { tabindex: 0 }, remediation[name]))));
}
