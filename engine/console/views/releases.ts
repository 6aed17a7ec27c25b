/** The history of the policy. */

import type { PolicyRecord } from "../../audit/record.ts";
import { code, html, type Markup, name } from "../markup.ts";
import type { Releases, Touched } from "../models/releases.ts";
import { facts, mark, notice, recordLink, table, time } from "./parts.ts";
import { changeText } from "./patient.ts";

export function releasesBody({ current, digest, changes, events, next }: Releases): Markup {
  return html`${
    current === null
      ? notice(
          "look",
          html`<p>${mark("look", "Unsigned.")} This is the work tree of a development gateway, of digest ${code(digest)}.</p>`,
        )
      : facts([
          ["In force", html`version ${current.version}, ${code(current.digest)}`],
          ["Made of", html`commit ${code(current.commit)}`],
          ["Valid", html`${time(current.issued)} until ${time(current.expires)}`],
          ["Against the one before", html`${current.verdict}`],
          [
            "Signed by",
            html`${current.signers.map((one, i) => html`${i > 0 && ", "}${name(one)}`)}`,
          ],
        ])
  }
${changes.length > 0 && html`<h2>Where it comes from</h2>`}
${
  changes.length > 0 &&
  table({
    caption: "Changes that grants and rules in force were last touched by",
    columns: [{ title: "Change" }, { title: "Grants" }, { title: "Policies" }],
    rows: changes.map((change) => [
      changeText(change),
      names(change.grants),
      names(change.policies),
    ]),
    none: "",
  })
}
<h2>What happened</h2>
${table({
  caption: "Releases, refusals and emergency stops, newest first",
  columns: [
    { title: "Time", sort: "descending" },
    { title: "Event" },
    { title: "Release" },
    { title: "More" },
    { title: "Record", number: true },
  ],
  rows: events.map(eventRow),
  none: "The log has no event of a policy.",
})}
${next !== undefined && html`<p><a class="button quiet" href="/releases?after=${next}">Older</a></p>`}`;
}

const MANY = 12;

function names(all: Touched["grants"]): Markup {
  if (all.length === 0) return html`<span class="soft">none</span>`;
  return html`${all.slice(0, MANY).map((one, i) => html`${i > 0 && ", "}${name(one)}`)}${all.length > MANY && ` and ${all.length - MANY} more`}`;
}

const TONES = {
  activated: "good",
  refused: "bad",
  stale: "look",
  rolled_back: "look",
  halted: "bad",
  quarantined: "look",
  released: "good",
  drift: "look",
} as const;

function eventRow({
  at,
  event,
  bundle,
  check,
  server,
  tool,
  seq,
}: PolicyRecord): readonly Markup[] {
  return [
    time(at),
    mark(TONES[event], event.replace("_", " ")),
    bundle === undefined
      ? html``
      : html`${name(bundle.version)}${bundle.commit !== undefined && html`<span class="sub">commit ${code(bundle.commit.slice(0, 12))}</span>`}`,
    html`${check !== undefined && html`check ${code(check)} `}${server !== undefined && html`${name(server)} `}${tool !== undefined && code(tool)}`,
    recordLink(seq),
  ];
}
