/** The database that several gateways share, and the chains of all nodes in it. */
import type { Initialised, StoreReport } from "../postgres/schema.ts";
import type { StoreVerification } from "../postgres/verify.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

export function storeInitJson(done: Initialised): object {
  return { schema: "phiward.store-init/1", ...done };
}

export function storeInitText({ before, version }: Initialised, paint: Paint): string {
  const did =
    before === version
      ? `the tables are of version ${version} already`
      : before === 0
        ? `tables of version ${version} made`
        : `tables of version ${before} extended to version ${version}`;
  return `${paint("green", "✓")} ${did}`;
}

export function storeCheckJson(report: StoreReport): object {
  return { schema: "phiward.store-check/1", ...report };
}

export function storeCheckText({ version, nodes, problems }: StoreReport, paint: Paint): string {
  const rows = nodes.map(({ node, origin, records }) =>
    [node, plural(records, "record"), origin].map(visible),
  );
  return [
    `tables of version ${version}, ${plural(nodes.length, "chain")}`,
    ...columns(rows),
    ...problems.map((problem) => `${paint("yellow", "!")} ${visible(problem)}`),
  ].join("\n");
}

/** Whose public keys judged the signatures. */
export type StoreKeys = "given" | "stored";

export function storeVerifyJson(found: StoreVerification, key: StoreKeys): object {
  return { schema: "phiward.audit-verify-store/1", ...found, key };
}

export function storeVerifyText(
  { verdict, chains, fold }: StoreVerification,
  key: StoreKeys,
  paint: Paint,
): string {
  const problems = [
    ...chains.flatMap(({ node, problems }) =>
      problems.map(
        ({ kind, says }) =>
          `${paint("bold", visible(node))}  ${paint("red", kind)}  ${visible(says)}`,
      ),
    ),
    ...fold.problems.map((says) => `${paint("red", "checkpoints")}  ${visible(says)}`),
  ];
  const rows = chains.map(({ node, origin, records, newest }) =>
    [node, plural(records, "record"), newest === null ? "" : `up to ${newest}`, origin].map(
      visible,
    ),
  );
  const mark = verdict === "whole" ? paint("green", "✓ whole") : paint("red", "✗ broken");
  return [
    ...problems,
    ...(problems.length === 0 ? [] : [""]),
    `${mark}: ${plural(chains.length, "chain")}, ${plural(fold.entries, "checkpoint")} in one list`,
    ...columns(rows).map((row) => `  ${row}`),
    key === "given"
      ? "  signatures checked with the keys that were given"
      : "  signatures checked with the keys that the nodes came with: give those that were kept elsewhere with --public-key",
  ].join("\n");
}
