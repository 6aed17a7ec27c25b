/** Servers and their business associate agreements: 45 CFR §164.308(b). */
import { plural } from "../../render/paint.ts";
import { code, html, type Markup, name } from "../markup.ts";
import type { Agreement, Servers } from "../models/servers.ts";
import { count, day, mark, notice, type Tone, table } from "./parts.ts";

const TONES: Readonly<Record<Agreement, Tone>> = {
  "in force": "good",
  "ends soon": "look",
  over: "bad",
  "not yet": "look",
  pending: "look",
  none: "bad",
  "not required": "",
};

export function serversBody({ requireBaa, rows }: Servers): Markup {
  return html`<p>The MCP servers that grants may reach, and the business associate agreement of each (§164.308(b)).</p>
${
  requireBaa
    ? notice(
        "good",
        html`<p>${mark("good", "Demanded.")} A call that may touch patient data is denied while the server’s agreement is not in force.</p>`,
      )
    : notice(
        "look",
        html`<p>${mark("look", "Not demanded.")} The policy lets calls of patient data through to servers without an agreement.</p>`,
      )
}
${table({
  caption: plural(rows.length, "server"),
  columns: [
    { title: "Server" },
    { title: "Vendor" },
    { title: "Agreement" },
    { title: "Tools", number: true },
    { title: "With patient data", number: true },
    { title: "Pinned", number: true },
    { title: "Credential" },
    { title: "Allowed", number: true },
    { title: "Denied", number: true },
  ],
  rows: rows.map(
    ({ server, vendor, description, agreement, tools, ephiTools, pinned, allowed, denied }) => {
      const { signed, expires } = server.baa;
      return [
        html`${code(server.id)}${description !== undefined && html`<span class="sub">${description}</span>`}`,
        vendor === undefined ? html`<span class="soft">not named</span>` : name(vendor),
        html`${mark(TONES[agreement], agreement)}<span class="sub">${signed !== undefined && html`signed ${day(signed)}`}${expires !== undefined && html`, until ${day(expires)}`}</span>`,
        count(tools),
        count(ephiTools),
        pinned === undefined ? mark("look", "none") : count(pinned),
        html`${server.readOnlyCredential ? "can only read" : "may write"}`,
        count(allowed),
        count(denied),
      ];
    },
  ),
  none: "The registry has no server.",
})}`;
}
