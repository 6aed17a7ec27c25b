/** docs/seeded-bugs.md: every mistake of the table, and what finds it. */
import type { Bug } from "./bugs.ts";
import type { Found } from "./find.ts";

export function page(all: readonly (readonly [Bug, Found])[]): string {
  const count = (test: (found: Found) => boolean): number =>
    all.filter(([, found]) => test(found)).length;
  const lint = (found: Found): boolean => found.lint !== undefined;
  const tests = (found: Found): boolean => found.tests === true;
  const mutant = (found: Found): boolean => found.mutant === true;
  const proof = (found: Found): boolean => found.proof !== undefined;
  return `# Mistakes, and what finds them

${all.length} mistakes of the kinds that people make in policies, each as one edit of the [hospital](../examples/hospital/), and what finds it. The tests plant each of them anew, and compare with this page (\`test/seeded/\`).

| found by | mistakes |
|---|---|
| \`phiward lint\`, which knows nothing of what was meant | ${count(lint)} |
| \`phiward test\`, the hospital's own tests | ${count(tests)} |
| \`phiward test --mutation\`: a mutant of the mistaken line survives, asked where lint and the tests say nothing | ${count(mutant)} |
| \`phiward diff\`, compared with what was meant | ${count(proof)} |
| lint or the tests, so without anything to compare with | ${count((found) => lint(found) || tests(found))} |
| the proof alone | ${count((found) => proof(found) && !lint(found) && !tests(found) && !mutant(found))} |
| nothing | ${count((found) => !lint(found) && !tests(found) && !mutant(found) && !proof(found))} |

"Broader" comes with a call that is newly allowed, and waits for approval; "narrower" is a proof that the agent can do less than was meant; "unknown" could not be proved, and waits as well. Where the repository does not load there is nothing to compare, and lint says why.

| mistake | what was done | lint | tests | mutants | proof |
|---|---|---|---|---|---|
${all.map(row).join("\n")}
`;
}

function row([{ kind, slip }, { lint = [], tests, mutant, proof }]: readonly [Bug, Found]): string {
  const cells = [
    kind,
    slip,
    lint.map((rule) => `\`${rule}\``).join(", "),
    tests === true ? "red" : "",
    mutant === true ? "survive" : "",
    proof ?? "",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
