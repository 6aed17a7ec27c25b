/**
 * What a change does, as one page: first whether to worry, then who is concerned with what, then every
 * change with the call that shows it.
 */
import type { Change, Diff, Side, Verdict, Witness } from "../compare/report.ts";
import { type Group, grouped, saidInTheSentence, toolsCall } from "./diff.ts";
import { EFFECT, EPHI, KIND, mark, page, sentence, text, WORD } from "./html.ts";
import { matrix } from "./matrix.ts";
import { capital, plural } from "./paint.ts";
import { safeguardTitle } from "./safeguards.ts";

export function diffHtml(diff: Diff): string {
  const groups = grouped(diff.changes);
  return page(
    `${WORD[diff.verdict]}: ${diff.base.rev} → ${diff.head.rev}`,
    header(diff, groups),
    `<main>\n${matrix(groups)}\n${groups.length === 0 ? "" : cards(groups)}\n</main>`,
    footer(diff),
  );
}

// ---------------------------------------------------------------- the answer

function header({ verdict, blocks, scope, base, head }: Diff, groups: readonly Group[]): string {
  const consequence = blocks
    ? "It blocks the merge until it is approved."
    : verdict === "same" || verdict === "narrower"
      ? "It does not block the merge."
      : `It does not block the merge: the gate looks at ${scope === "ephi" ? "patient data only, and none is concerned" : "other things"}.`;
  const counts = (["broader", "unknown", "narrower"] as const)
    .map((each) => [each, groups.filter(({ change }) => change.verdict === each).length] as const)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `<li class="${each}">${mark(each)} ${count} ${WORD[each]}</li>`);
  return `<header class="answer ${verdict}">
<p class="what">Access change review <span class="revisions"><code>${text(base.rev)}</code> → <code>${text(head.rev)}</code></span></p>
<h1>${headline(verdict, groups)}</h1>
<p class="consequence"><strong class="${blocks ? "blocks" : "passes"}">${blocks ? "Blocks" : "Passes"}</strong> ${consequence}</p>
${counts.length === 0 ? "" : `<ul class="counts">${counts.join("")}</ul>`}
</header>`;
}

function headline(verdict: Verdict, groups: readonly Group[]): string {
  switch (verdict) {
    case "same":
      return "Nothing changes: every call is decided as before.";
    case "narrower":
      return "Nothing more becomes possible; some of what was possible no longer is.";
    case "unknown":
      return "It could not be proved that nothing more becomes possible.";
    case "broader": {
      const wider = groups.filter(({ change }) => change.verdict === "broader");
      const calls = wider.filter(({ change }) => change.by === "proof");
      if (calls.length === 0) return "A setting that protects access becomes weaker.";
      return calls.some(({ change }) => change.ephi)
        ? "More can be done with patient data than before."
        : "More can be done than before, but not with patient data.";
    }
  }
}

function footer({ base, head, scope, cells }: Diff): string {
  return `<footer>
<p>Every combination of grant and tool was compared for all calls, not for a sample: ${plural(cells.total, "combination")}, of which ${cells.compared} changed and ${cells.equivalent} of those proved equal. “By proof” means that a concrete call was replayed on both sides, or that no such call exists; “by rule” means that a setting became weaker or stronger by a published order. Values of grant attributes are not shown.</p>
<dl class="digests">
<div><dt>Before</dt><dd><code>${text(base.digest)}</code></dd></div>
<div><dt>After</dt><dd><code>${text(head.digest)}</code></dd></div>
<div><dt>The gate looks at</dt><dd>${scope === "ephi" ? "patient data (ePHI)" : "everything"}</dd></div>
</dl>
</footer>`;
}

// ---------------------------------------------------------------- one card a change

function cards(groups: readonly Group[]): string {
  return `<section aria-labelledby="changes">
<h2 id="changes">${plural(groups.length, "change")}, the gravest first</h2>
${groups.map(card).join("\n")}
</section>`;
}

function card({ change, grants, members }: Group, index: number): string {
  const { verdict, kind, by, summary, ephi, effect, before, after, file, line } = change;
  const id = `change-${index + 1}`;
  const said =
    grants.length > 1
      ? summary.replace(`\`${grants[0]}\``, `\`${grants[0]}\` and ${grants.length - 1} more`)
      : summary;
  const compared =
    before === undefined || saidInTheSentence(change)
      ? ""
      : `<p class="compared">${side(before, "Before")}<span class="arrow" aria-hidden="true">→</span>${side(after ?? "", "After")}</p>`;
  return `<article id="${id}" class="${verdict}" aria-labelledby="${id}-title">
<p class="kind">${mark(verdict)} <span>${capital(WORD[verdict])}</span> <span class="aspect">${KIND[kind]}</span>${ephi ? EPHI : ""}</p>
<h3 id="${id}-title">${sentence(capital(said))}.</h3>
${compared}
<dl>
${fact("Who", people(members))}
${fact("Patient data", ephi ? "yes, it may be concerned" : "no")}
${effect === null ? "" : fact("Effect", EFFECT[effect]!)}
${fact("Known", by === "rule" ? "by rule" : verdict === "unknown" ? "not proved" : "by proof")}
${fact("File", `<code>${text(`${file}:${line}`)}</code>`)}
${fact("Safeguards", safeguards(change))}
</dl>
${change.witness === undefined ? "" : witness(change, change.witness)}
</article>`;
}

function side(value: string, name: string): string {
  return `<span class="side"><span class="name">${name}</span> ${text(value)}</span>`;
}

function fact(name: string, html: string): string {
  return html === "" ? "" : `<div><dt>${name}</dt><dd>${html}</dd></div>`;
}

function people(members: readonly Change[]): string {
  const named = members.flatMap(({ grant, principal }) =>
    grant === null
      ? []
      : [
          `${text(principal ?? "")} <span class="aside">by grant <code>${text(grant)}</code></span>`,
        ],
  );
  if (named.length === 0)
    return members[0]!.server === null ? "" : "everyone who may use the server";
  return named.length === 1
    ? named[0]!
    : `<ul>${named.map((name) => `<li>${name}</li>`).join("")}</ul>`;
}

function safeguards({ safeguards: sections }: Change): string {
  return sections
    .map((section) => {
      const title = safeguardTitle(section);
      return `<span class="section">§${text(section)}${title === "" ? "" : ` <span class="aside">${title}</span>`}</span>`;
    })
    .join(" ");
}

function witness({ baseDecision, headDecision }: Change, shown: Witness): string {
  const when = shown.at.slice(0, 16).replace("T", " at ");
  const calls = shown.sequence?.calls.length;
  const intro =
    calls === undefined
      ? `This call of <code>${text(shown.grant)}</code> on ${text(when)} UTC shows it:`
      : `The last of ${plural(calls, "call")} of <code>${text(shown.grant)}</code> on ${text(when)} UTC, within one window, shows it:`;
  return `<figure>
<figcaption>${intro}</figcaption>
<pre tabindex="0"><code>${request(shown)}</code></pre>
<p class="decisions">${decision("Before", baseDecision)}${decision("After", headDecision)}</p>
</figure>`;
}

/** What is spelled out within a text is spelled as JSON does, so the request still runs. */
function request(shown: Witness): string {
  return spread(JSON.parse(toolsCall(shown)), "")
    .split("\n")
    .map(text)
    .join("\n");
}

const WIDTH = 84;

/** JSON of which each part stands on one line if it fits there. */
function spread(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= WIDTH)
    return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((element) => spread(element, inner))
    : Object.entries(value).map(([key, of]) => `${JSON.stringify(key)}: ${spread(of, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function decision(name: string, said: Side | undefined): string {
  if (said === undefined) return "";
  const { verdict, rule } = said;
  const how = verdict === "allow" ? "allowed" : `denied by <code>${text(rule)}</code>`;
  return `<span class="decision ${verdict}"><span class="name">${name}</span> <span aria-hidden="true">${verdict === "allow" ? "✓" : "✗"}</span> ${how}</span>`;
}
