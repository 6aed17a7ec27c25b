/** `index.html`: the whole answer on one page that prints. */
import { sentence, text } from "../../render/html.ts";
import { type Facts, number, type Section } from "../facts.ts";
import { RIGHT_MEANS, RIGHT_WORD, RULE } from "../rule.ts";
import type { Part } from "../sections/index.ts";
import { block, words } from "./blocks.ts";
import { pageLinks, shell } from "./shell.ts";

export function indexPage(facts: Facts, parts: readonly Part[]): string {
  return shell(
    `Evidence ${facts.period.from.slice(0, 10)} to ${facts.period.to.slice(0, 10)}`,
    pageLinks("index.html"),
    `<main id="content">`,
    header(facts),
    contents(parts),
    attention(parts),
    parts.map((part) => partHtml(part, facts)).join("\n"),
    `</main>`,
    footer(facts),
  );
}

function header({ period, made, chain, tally, registry, inForce }: Facts): string {
  const whole = chain.verification.verdict === "whole";
  const project = inForce.loaded.project?.value.bundle?.name ?? "";
  return `<header class="answer ${whole ? "same" : "broader"}">
<p class="what"><span>${text(project)}</span> <span>made ${text(made.slice(0, 19))}Z</span></p>
<h1>Calls of agents on patient data, ${text(period.from.slice(0, 10))} to ${text(period.to.slice(0, 10))}</h1>
<p class="consequence"><strong class="${whole ? "passes" : "blocks"}">${whole ? "The log is whole" : "The log is broken"}</strong> ${number(tally.decisions)} calls by ${number(tally.byPrincipal.length)} identities, under ${number(registry.length)} grants. ${number(tally.denied)} were denied.</p>
<p>This folder holds what an auditor asks of the path by which agents reach patient data: the records themselves, who may do what and since when, who approved it, and how each figure can be repeated. It certifies nothing, is no risk analysis, and is not legal advice: <a href="limits.html">what it does not show</a>.</p>
</header>`;
}

function contents(parts: readonly Part[]): string {
  const groups = parts.map(
    ({ title, sections }) =>
      `<div><h3>${text(title)}</h3><ol>${sections.map(({ id, title: name, citations }) => `<li><a href="#${id}">${text(name)}</a> <span class="aside">§${text(citations[0]!)}</span></li>`).join("")}</ol></div>`,
  );
  return `<nav aria-labelledby="contents"><h2 id="contents">Contents</h2><div class="contents">${groups.join("")}</div></nav>`;
}

/** Everything that a person should look at, once more and first. */
function attention(parts: readonly Part[]): string {
  const items = parts.flatMap(({ sections }) =>
    sections.flatMap(({ id, title, did }) =>
      did.flatMap((one) =>
        one.kind === "warns"
          ? [`<li><a href="#${id}">${text(title)}</a>: ${words(one.text)}</li>`]
          : [],
      ),
    ),
  );
  return `<section aria-labelledby="attention"><h2 id="attention">What to look at</h2>${
    items.length === 0
      ? "<p>Nothing in particular was found.</p>"
      : `<ul class="attention">${items.join("")}</ul>`
  }</section>`;
}

function partHtml({ title, sections }: Part, facts: Facts): string {
  const id = `part-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return `<section aria-labelledby="${id}">
<h2 class="part" id="${id}">${text(title)}</h2>
${sections.map((section) => sectionHtml(section, facts)).join("\n")}
</section>`;
}

function sectionHtml(section: Section, facts: Facts): string {
  const { id, title, citations, answer, did, from, not } = section;
  return `<article class="section" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${text(title)}</h3>
<h4>What the rule requires</h4>
<ul class="rule">${citations.map(provision).join("")}</ul>
<h4>What is asked</h4>
<ul class="asks">${citations.flatMap((citation) => RULE[citation].asks.map((ask) => `<li>${text(ask)}</li>`)).join("")}</ul>
<h4>What this deployment did</h4>
<p class="answered">${words(answer)}</p>
${did.map((one) => block(one, facts)).join("\n")}
${from.length === 0 ? "" : `<h4>Where the figures come from</h4>\n${sources(section)}`}
<h4>What this does not show</h4>
<ul class="not">${not.map((one) => `<li>${words(one)}</li>`).join("")}</ul>
</article>`;
}

function provision(citation: Section["citations"][number]): string {
  const { name, right, requires } = RULE[citation];
  return `<li><strong>§${text(citation)} ${text(name)}</strong> <span class="right ${right}" title="${text(RIGHT_MEANS[right])}">${RIGHT_WORD[right]}</span><br>${sentence(requires)}</li>`;
}

function sources({ from }: Section): string {
  const rows = from.map(
    ({ figure, file, command }) =>
      `<tr><th scope="row">${text(figure)}</th><td>${fileLink(file)}</td><td>${command === undefined ? "" : `<code>${text(command)}</code>`}</td></tr>`,
  );
  return `<div class="scroll" tabindex="0" role="group" aria-label="Where the figures come from"><table><thead><tr><th scope="col">Figure</th><th scope="col">File in this folder</th><th scope="col">Command that repeats it</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function fileLink(file: string): string {
  return `<a href="${file}">${text(file)}</a>`;
}

function footer({ made }: Facts): string {
  const rights = Object.entries(RIGHT_WORD).map(
    ([right, word]) =>
      `<div><dt>${word}</dt><dd>${text(RIGHT_MEANS[right as keyof typeof RIGHT_MEANS])}</dd></div>`,
  );
  return `<footer>
<dl class="facts">${rights.join("")}</dl>
<p>Requirements are in our own words, after 45 CFR Part 164; questions after the audit protocol of the HHS Office for Civil Rights (2016, updated July 2018). A proposal of January 2025 to change the Security Rule (90 FR 898) is not part of it. Times are UTC. Numbers such as #17 are numbers of records. Made by phiward at ${text(made)}.</p>
</footer>`;
}
