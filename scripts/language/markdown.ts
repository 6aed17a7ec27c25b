/** Tables of a schema's properties, in Markdown. */

export type Schema = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The schema with what it refers to; what stands beside the reference wins. */
export function resolved(root: Schema, schema: Schema): Schema {
  const { $ref: ref, ...own } = schema;
  if (typeof ref !== "string") return schema;
  const target = ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, step) => (at as Schema)[step], root) as Schema;
  return { ...resolved(root, target), ...own };
}

/** One property as a row: its name, what it says, an example. */
export function row(name: string, required: boolean, schema: Schema): string[] {
  const [example] = (schema.examples as readonly unknown[] | undefined) ?? [];
  return [
    `${code(name)}${required ? " (required)" : ""}`,
    `${String(schema.description ?? "")}${choices(schema)}`,
    example === undefined ? "" : code(JSON.stringify(example)),
  ];
}

export function requiredOf({ required }: Schema): ReadonlySet<string> {
  return new Set((required as readonly string[] | undefined) ?? []);
}

/** The operators have a table of their own. */
const MAX_CHOICES = 10;

function choices({ const: only, enum: values = [] }: Schema): string {
  if (only !== undefined) return ` Always ${code(JSON.stringify(only))}.`;
  const all = values as readonly unknown[];
  if (all.length === 0 || all.length > MAX_CHOICES) return "";
  return ` One of ${all.map((one) => code(JSON.stringify(one))).join(", ")}.`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return `${line(head)}|${head.map(() => "---|").join("")}\n${rows.map(line).join("")}`;
}

export function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
}
