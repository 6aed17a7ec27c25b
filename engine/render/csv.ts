/** Tables for spreadsheets: RFC 4180. */

export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n");
}

/**
 * A cell that starts like a formula is run by spreadsheets, and tool names come from servers: such a
 * cell is made a text.
 */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
