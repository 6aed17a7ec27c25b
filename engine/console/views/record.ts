/** One record: what it says, and whether it is what was written. */
import type { AuditRecord } from "../../audit/record.ts";
import { code, html, type Markup, name } from "../markup.ts";
import type { OneRecord } from "../models/record.ts";
import { facts, mark, notice, recordLink, time } from "./parts.ts";

export function recordBody(one: OneRecord): Markup {
  const { record, line, segment, offset, genuine, follows, outcome } = one;
  return html`${
    genuine && follows !== false
      ? notice(
          "good",
          html`<p>${mark("good", "It is what was written.")} The hash of its line is ${code(record.hash.slice(0, 16))}…${follows === true ? ", and it follows the record before it." : "."}</p>`,
        )
      : notice(
          "bad",
          html`<p>${mark("bad", "It is not what was written.")} ${genuine ? "It does not follow the record before it." : "Its line does not fit its hash."} <a href="/log">Verify the log.</a></p>`,
        )
  }
${facts([
  ["Time", time(record.at)],
  ["Kind", html`${record.kind}`],
  ["Node", html`${name(record.node)}${record.dev === true && " (development)"}`],
  ...factsOf(record),
  ["What became of it", outcome === undefined ? undefined : html`record ${recordLink(outcome)}`],
  ["Where it stands", html`${code(segment)}, byte ${offset}`],
])}
<h2>The line in the log</h2>
<pre tabindex="0" aria-label="The line in the log"><code>${line}</code></pre>
<p class="soft">To check it by hand: cut <code>,"hash":"…"</code> out of the line, take the SHA-256 of what is left, and compare.</p>
<p>${record.seq > 1 && html`<a href="/records/${record.seq - 1}">The record before</a> · `}<a href="/records/${record.seq + 1}">The record after</a></p>`;
}

type Row = readonly [string, Markup | undefined];

function factsOf(record: AuditRecord): readonly Row[] {
  switch (record.kind) {
    case "decision":
      return [
        [
          "Who",
          html`<a href="/activity?principal=${encodeURIComponent(record.principal)}">${name(record.principal)}</a>${record.responsible !== undefined && html`, for whom ${name(record.responsible)} answers`}`,
        ],
        [
          "Grant",
          html`<a href="/grants/${encodeURIComponent(record.grant)}">${name(record.grant)}</a>, for ${record.purpose}`,
        ],
        [
          "What",
          html`${code(record.tool === "" ? record.method : record.tool)} of ${name(record.server)}: ${record.effect}${record.ephi && ", patient data"}`,
        ],
        [
          "Arguments",
          html`${record.argKeys.length === 0 ? "none that the schema knows" : record.argKeys.join(", ")}${record.argsOther > 0 && `, and ${record.argsOther} more`}; values are not kept`,
        ],
        ["Patients", patientsOf(record.subject, record.subjects)],
        [
          "Verdict",
          record.verdict === "allow"
            ? mark("good", "allowed")
            : html`${mark("bad", "denied")} by ${code(record.rule)}`,
        ],
        [
          "Policy",
          record.policy === null
            ? html`none`
            : html`${name(record.policy.name)} ${code(record.policy.digest)}`,
        ],
        [
          "Release",
          record.bundle === null
            ? html`none`
            : html`${name(record.bundle.name)} ${name(record.bundle.version)}${record.bundle.commit !== undefined && html`, commit ${code(record.bundle.commit)}`}`,
        ],
      ];
    case "outcome":
      return [
        ["Status", html`${record.status}`],
        ["Took", html`${record.ms} ms`],
        ["Result", html`${record.items} items, ${record.bytes} bytes`],
        ["Patients in it", patientsOf("named", record.resultSubjects)],
      ];
    case "rejected":
      return [
        ["Why", html`${record.code}`],
        ["How often", record.count === undefined ? undefined : html`${record.count} times`],
        ["Grant", record.grant === undefined ? undefined : name(record.grant)],
        ["Token", record.token === undefined ? undefined : code(record.token)],
      ];
    case "admin":
      return [
        ["Action", code(record.action)],
        ["By", record.by === undefined ? undefined : name(record.by)],
        ["Grant", record.grant === undefined ? undefined : name(record.grant)],
        ...Object.entries(record.details ?? {}).map(
          ([key, value]): Row => [key, html`${String(value)}`],
        ),
      ];
    case "policy":
      return [
        ["Event", html`${record.event}`],
        [
          "Release",
          record.bundle === undefined ? undefined : html`version ${record.bundle.version}`,
        ],
        ["Check", record.check === undefined ? undefined : html`${record.check}`],
        ["Tool", record.tool === undefined ? undefined : code(record.tool)],
      ];
    case "checkpoint":
      return [
        ["Signs", html`${record.count} records`],
        ["Key", code(record.keyId)],
      ];
  }
}

function patientsOf(knowledge: string, subjects: readonly string[]): Markup {
  if (subjects.length === 0) {
    return html`${knowledge === "none" ? "none, by the tool’s label" : knowledge === "unknown" ? "it cannot be told" : "none"}`;
  }
  return html`${subjects.map((one, i) => html`${i > 0 && ", "}${code(one.slice(0, 16))}…`)}`;
}
