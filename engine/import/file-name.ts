/** What a file is called after something else: a server, or another tool's file. */
export function fileName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32);
  return name === "" ? "imported" : name;
}
