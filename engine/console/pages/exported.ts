/** What somebody takes away: recorded with its digest first, so that it is known again later. */
import { createHash } from "node:crypto";
import { download, type Reply } from "../http/reply.ts";
import type { Visit } from "../page.ts";

export interface Taken {
  readonly page: string;
  /** Its name; the ending says what it is. */
  readonly file: `${string}.${"csv" | "jsonl" | "html"}`;
  readonly text: string;
  readonly rows: number;
  readonly filter?: Readonly<Record<string, string>>;
  /** Pseudonym. */
  readonly patient?: string;
}

const TYPES = {
  csv: "text/csv; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  html: "text/html; charset=utf-8",
} as const;

export async function exported({ recorder, visitor, at }: Visit, taken: Taken): Promise<Reply> {
  const { page, file, text, rows, filter = {}, patient } = taken;
  const ending = file.slice(file.lastIndexOf(".") + 1) as keyof typeof TYPES;
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  await recorder.tell(
    {
      action: "console.exported",
      by: visitor.principal,
      grant: visitor.grant,
      details: {
        page,
        format: ending,
        rows,
        digest,
        ...filter,
        ...(patient === undefined ? {} : { patient }),
      },
    },
    at,
  );
  return download(file, TYPES[ending], text);
}
