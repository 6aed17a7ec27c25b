/** Where the log stands, and what the last verification found. */
import { plural } from "../../render/paint.ts";
import { code, html, type Markup, name } from "../markup.ts";
import type { LogStatus } from "../models/log.ts";
import type { Progress } from "../verifying/verifying.ts";
import { formField } from "./layout.ts";
import { count, facts, mark, notice, recordLink, table, time } from "./parts.ts";

export function logBody(status: LogStatus, progress: Progress, formToken: string): Markup {
  const { index, segments, checkpoints, events, waiting, ownKey, damaged } = status;
  const running = progress.kind === "running";
  return html`<p>Every record carries the hash of the one before it, and signed checkpoints say how long the chain is. A verification reads all of it.</p>
${damaged > 0 && notice("bad", html`<p>${mark("bad", "Damage was seen while reading.")} A verification says where.</p>`)}
${waiting > 0 && notice("look", html`<p>${plural(waiting, "event")} ${waiting === 1 ? "waits" : "wait"} on disk to be recorded; a gateway that runs takes them within a second.</p>`)}
<section aria-labelledby="verification"><h2 id="verification">Verification</h2>
${verificationPart(progress, index.records)}
<form class="actions" method="post" action="/log/verify">${formField(formToken)}<button${running && html` disabled`}>${running ? "It runs" : "Verify the whole log now"}</button>${running && html` <a href="/log">Look again</a>`}</form>
<p class="soft">${ownKey ? "Signatures are held against the public key that stands beside the log. Whoever can write there could exchange both:" : "There is no public key beside the log, so signatures are not checked here:"} an auditor verifies with a key and checkpoints that were kept elsewhere, <code>phiward audit verify --public-key … --checkpoint …</code>.</p></section>
<h2>The chain</h2>
${facts([
  [
    "Records",
    html`${count(index.records)}${index.lag > 0 && `, and ${plural(index.lag, "newer one")} that the index does not have yet`}`,
  ],
  ["Files", count(segments)],
])}
${table({
  caption: "Newest checkpoints",
  columns: [
    { title: "Time", sort: "descending" },
    { title: "Signs", number: true },
    { title: "Chain" },
    { title: "Key" },
    { title: "Record", number: true },
  ],
  rows: checkpoints.map(({ at, count: signs, origin, keyId, seq }) => [
    time(at),
    count(signs),
    code(origin),
    code(keyId),
    recordLink(seq),
  ]),
  none: "No checkpoint was signed yet.",
})}
${table({
  caption: "Starts, stops and recoveries",
  columns: [
    { title: "Time", sort: "descending" },
    { title: "What" },
    { title: "Node" },
    { title: "Record", number: true },
  ],
  rows: events.map(({ at, action, node, seq }) => [
    time(at),
    action === "log.recovered" ? html`${mark("look", action)}` : code(action),
    name(node),
    recordLink(seq),
  ]),
  none: "None is recorded.",
})}`;
}

function verificationPart(progress: Progress, records: number): Markup {
  switch (progress.kind) {
    case "never":
      return html`<p>Not verified since this console was started.</p>`;
    case "running":
      return html`<p role="status">Since ${time(progress.since)}, by ${name(progress.by)}: ${count(progress.records)} of about ${count(records)} records read.</p>
<p><progress max="${Math.max(records, 1)}" value="${progress.records}" aria-label="Records read"></progress></p>`;
    case "failed":
      return notice(
        "bad",
        html`<p>${mark("bad", "It could not be verified.")} ${progress.says}</p>`,
      );
    case "done": {
      const { verification, at, ms, by, key } = progress;
      const { verdict, problems, problemCount, checkpoints } = verification;
      const says = html`At ${time(at)}, by ${name(by)}, in ${(ms / 1000).toFixed(1)} s: ${count(verification.records)} records, ${count(checkpoints.inLog)} checkpoints${key === "own" && html`, ${count(checkpoints.verified)} signatures that fit`}.`;
      if (verdict === "whole")
        return notice("good", html`<p>${mark("good", "The log is whole.")} ${says}</p>`);
      return html`${notice("bad", html`<p>${mark("bad", "The log is broken.")} ${says} ${plural(problemCount, "problem")}.</p>`)}
${table({
  caption: "Problems, in their order in the log",
  columns: [{ title: "Where" }, { title: "Kind" }, { title: "What" }],
  rows: problems
    .slice(0, 50)
    .map(({ segment, line, kind, says }) => [
      html`file ${segment}, line ${line}`,
      html`${kind}`,
      html`${says}`,
    ]),
  none: "",
})}`;
    }
  }
}
