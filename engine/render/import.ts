/** What an import carried, and every line that it did not. */
import type { Imported, Outcome } from "../import/report.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

const SAYS: Readonly<Record<Outcome, string>> = {
  refused: "wrong there, denied here",
  denied: "not carried, denied",
  narrower: "narrower here",
  reworded: "the same, in other words",
  ignored: "of no effect",
};

const COLOUR: Readonly<Record<Outcome, Parameters<Paint>[0]>> = {
  refused: "red",
  denied: "red",
  narrower: "yellow",
  reworded: "dim",
  ignored: "dim",
};

/** `written`: the files that were written; undefined when nothing was. */
export function importText(
  { policies, items, format }: Imported,
  written: readonly string[] | undefined,
  paint: Paint,
): string {
  const lines = items.flatMap(({ outcome, message, help, place, tool }) => [
    `${paint("bold", `${visible(place.file)}:${place.line}:${place.column}`)}  ${paint(COLOUR[outcome], SAYS[outcome])}${tool === undefined ? "" : `  ${visible(tool)}`}`,
    `  ${visible(message)}`,
    `  ${paint("dim", "→")} ${visible(help)}`,
  ]);
  const summary = policies.map(({ name, tools }) => {
    const count = (fate: string): number => tools.filter((tool) => tool.fate === fate).length;
    return [
      name,
      plural(tools.length, "tool"),
      `${count("exact")} exactly`,
      `${count("narrower")} narrower`,
      `${count("denied")} denied`,
    ];
  });
  return [
    ...lines,
    ...(lines.length > 0 ? [""] : []),
    ...columns(summary),
    "",
    ...(written === undefined
      ? ["nothing written; name a folder with --output"]
      : written.map((path) => `${paint("green", "+")} ${visible(path)}`)),
    ...(written === undefined || written.length === 0
      ? []
      : [
          "",
          `next: read the ${format === "intercept" ? "policy" : "policies"}, label the server's tools, then \`phiward lint\` and \`phiward test\``,
        ]),
  ].join("\n");
}

export function importJson(
  { source, format, policies, items }: Imported,
  written: readonly string[] | undefined,
): object {
  return {
    schema: "phiward.import/1",
    source,
    format,
    written: written ?? null,
    policies: policies.map(({ name, tools, files }) => ({
      name,
      tools,
      files: Object.keys(files),
    })),
    items: items.map(({ place, ...rest }) => ({ ...rest, ...place })),
  };
}
