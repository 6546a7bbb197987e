// Reads the data block (see html_data.py): blocks of columns become objects that refer to each
// other, with what recurs shared.

const SHARED = ["kind", "reason", "environment", "workload", "rpo", "rto", "tags", "server",
  "role", "persistence", "outcomes", "errors"];
const OF_FINDING = ["location", "directives", "fix", "waiver", "remediation"];

const data = decode(JSON.parse(byId("data").textContent));

function decode(raw) {
  const targets = [];
  const findings = [];
  for (const block of raw.blocks) {
    const first = targets.length;
    decodeTargets(block, targets);
    decodeFindings(block, targets, first, findings);
    block.targets = block.findings = null;
  }
  const { blocks, ...head } = raw;
  const rules = new Map(Object.entries(head.rules));
  for (const one of findings) {
    if (!rules.has(one.rule)) rules.set(one.rule, { name: one.name, severity: one.severity });
  }
  return { ...head, rules, targets, findings, tags: tagsOf(targets) };
}

function decodeTargets(block, targets) {
  const { values, targets: columns } = block;
  for (let i = 0; i < columns.entry.length; i++) {
    const target = {
      number: targets.length,
      entry: columns.entry[i],
      target: columns.target[i],
      at: columns.at[i],
      seconds: columns.seconds[i],
      attempts: columns.attempts[i],
      score: columns.score[i],
      coverage: columns.coverage[i],
      status: STATUSES[columns.status[i]],
      uri: values[columns.uri[i]] || columns.target[i],
      unknown: (values[columns.unknown[i]] || []).map((number) => values[number]),
      findings: [],
    };
    for (const name of SHARED) target[name] = values[columns[name][i]];
    target.text = [target.entry, target.target, target.uri, target.reason, target.environment,
      target.role, ...target.workload, ...Object.values(target.tags), version(target)]
      .join("\n").toLowerCase();
    targets.push(target);
  }
}

function decodeFindings(block, targets, first, findings) {
  const { values, findings: columns, targets: { findings: numbers } } = block;
  let next = 0;
  for (let i = 0; i < numbers.length; i++) {
    const target = targets[first + i];
    for (const end = next + numbers[i]; next < end; next++) {
      const [rule, name, severity] = values[columns.rule[next]];
      const past = values[columns.history[next]];
      const message = filled(columns.message[next], values);
      const finding = { target, rule, name, severity, past, message };
      for (const member of OF_FINDING) finding[member] = values[columns[member][next]];
      finding.state = finding.waiver ? "waived" : past ? past[3] : "";
      target.findings.push(finding);
      findings.push(finding);
    }
  }
}

// A message: a text of the table, its gaps filled with words of its own. The table keeps the
// text in parts from the first use on.
function filled(message, values) {
  if (typeof message === "number") return values[message];
  const row = message[0];
  if (typeof values[row] === "string") values[row] = values[row].split("\u0001");
  const parts = values[row];
  let text = parts[0];
  for (let i = 1; i < parts.length; i++) text += message[i] + parts[i];
  return text;
}

function version(target) {
  const { server } = target;
  return server ? `${server.engine} ${server.version}${server.assumed ? " (assumed)" : ""}` : "";
}

// Keys of tags, the most frequent first, with "team" before all others.
function tagsOf(targets) {
  const found = new Map();
  for (const target of targets) {
    for (const key of Object.keys(target.tags)) found.set(key, (found.get(key) || 0) + 1);
  }
  const keys = [...found.keys()].sort((a, b) => found.get(b) - found.get(a) || (a < b ? -1 : 1));
  return keys.includes("team") ? ["team", ...keys.filter((key) => key !== "team")] : keys;
}
