/** `limits.html`: what this evidence does not show, said once and plainly. */
import { text } from "../../render/html.ts";
import type { Facts } from "../facts.ts";
import type { Part } from "../sections/index.ts";
import { words } from "./blocks.ts";
import { pageLinks, shell } from "./shell.ts";

const LIMITS: readonly (readonly [string, string])[] = [
  [
    "It certifies nothing",
    "No product and no protocol can comply with HIPAA: the rule binds organisations. This folder shows what one deployment of one control did.",
  ],
  [
    "It is no risk analysis",
    "The analysis of §164.308(a)(1)(ii)(A) is the organisation's own. This is at most one of the measures that it leads to.",
  ],
  [
    "It is not legal advice",
    "Requirements stand here in our own words. The text that binds is 45 CFR Part 164.",
  ],
  [
    "Addressable is not optional",
    "An addressable specification is assessed, and then implemented, or it is written down why not and what is done instead (§164.306(d)(3)). That assessment is not here.",
  ],
  [
    "Only what went through the gateway",
    "A client that holds a server's own credential does not need the gateway. That there is no other way is shown by the network and by the servers, and not here.",
  ],
  [
    "No content",
    "Neither arguments nor results are recorded. What an agent asked, and what it was told, is not known here; what it changed is known to the record system.",
  ],
  [
    "Patients by pseudonym",
    "Whether a record concerns a patient can be told only with the key of the pseudonyms, which is not in this folder. Results whose description does not say where patients stand are counted as patients unknown.",
  ],
  [
    "No encryption at rest",
    "The gateway does not encrypt its log. It holds no identifier of a patient, no argument and no result; the disk is the platform's.",
  ],
  [
    "No retention is prescribed for raw logs",
    "§164.316(b)(2)(i) asks six years for required documentation and does not name raw logs. How long they are kept is a decision of the organisation, and a setting.",
  ],
  [
    "Approvals are the builder's word",
    "Who approved a change is taken from the platform where it was reviewed, and stated by whoever built the release. The people who signed the release vouch for it. It is not checked again here.",
  ],
  [
    "The configuration is today's",
    "Policies, grants, servers and the gateway's settings are those in force when this was made. What was in force before shows in the history of releases and in each record, by digest.",
  ],
  [
    "A chain has two blind spots",
    "That its end was cut off, or that its keeper computed all of it anew, is shown only by a checkpoint that was kept where the keeper cannot write, checked with a key that came on another way.",
  ],
  [
    "One gateway",
    "Each gateway has a chain of its own. Of several, each has its own folder of evidence.",
  ],
  [
    "The proposal of 2025",
    "A proposal to change the Security Rule was published in January 2025 (90 FR 898). It is a proposal; nothing here is measured by it.",
  ],
];

export function limitsPage(facts: Facts, parts: readonly Part[]): string {
  const general = LIMITS.map(
    ([title, says]) => `<div><dt>${text(title)}</dt><dd>${words(says)}</dd></div>`,
  );
  const each = parts
    .flatMap(({ sections }) => sections)
    .map(
      ({ id, title, not }) =>
        `<h3><a href="index.html#${id}">${text(title)}</a></h3><ul class="not">${not.map((one) => `<li>${words(one)}</li>`).join("")}</ul>`,
    );
  return shell(
    "What this does not show",
    pageLinks("limits.html"),
    `<main id="content">
<h1>What this does not show</h1>
<p>Read this before you rely on a page of this folder. Period: ${text(facts.period.from.slice(0, 10))} to ${text(facts.period.to.slice(0, 10))}.</p>
<dl class="facts">${general.join("\n")}</dl>
<h2>By section</h2>
${each.join("\n")}
</main>`,
  );
}
