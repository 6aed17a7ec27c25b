/** What of a record the database's filters may ask for. */
import { isOpen, type Shape, shapeOf } from "../audit/index/shape.ts";
import type { AuditRecord } from "../audit/record.ts";

/** In the order of the table's columns. */
const COLUMNS = [
  "kind",
  "grant",
  "principal",
  "server",
  "tool",
  "verdict",
  "rule",
  "code",
] as const;

export interface StoredShape {
  /** The shape as a text: equal shapes have equal ones. */
  readonly says: string;
  /** Values of the table's columns. */
  readonly values: readonly (string | null)[];
  readonly open: boolean;
}

export function storedShape(record: AuditRecord): StoredShape {
  const shape: Shape = shapeOf(record);
  const values = COLUMNS.map((name) => shape[name] ?? null);
  const open = isOpen(record);
  return { says: JSON.stringify([...values, open]), values, open };
}
