// One rule: what it is about, and where it is broken.

function ruleView({ findings }, [id]) {
  const about = data.rules.get(id);
  if (!about) return el("p", { class: "empty" }, "This run says nothing about a rule of that name.");
  const own = findings.filter((one) => one.rule === id);
  return [
    el("p", { class: "lead" }, severityMark(about.severity), " ", about.summary || about.name,
      about.category && el("span", { class: "quiet" }, ` (${about.category})`)),
    el("div", { class: "prose" }, prose(about.help)),
    about.references?.length > 0 && section("References",
      el("ul", null, about.references.map((url) => el("li", null, outside(url))))),
    about.tags?.length > 0 && el("p", { class: "tags" }, "Tags: ",
      about.tags.map((tag) => [el("span", { class: "tag" }, tag), " "])),
    section("Findings", findingsTable(own, "rule-findings", `Findings of ${id}`,
      [targetColumn((row) => row.target), groupColumn((row) => row.target)])),
  ];
}
