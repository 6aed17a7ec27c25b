/** Asks a server that no policy names yet which tools it has: what `scan` pins and classifies. */
import { PhiwardError } from "../errors.ts";
import { asDoubles, canonical, own, type ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";
import { FAILURES } from "./answer.ts";
import { httpUpstream } from "./http-upstream.ts";
import { type LiveList, liveLists } from "./live-list.ts";
import { stdioUpstream } from "./stdio-upstream.ts";
import type { Upstream } from "./upstream.ts";

export type ScanTarget =
  | {
      readonly command: readonly [string, ...string[]];
      /** The child's whole environment. */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly url: URL; readonly headers: Readonly<Record<string, string>> };

/** All pages of a server's list may be this long together, in characters. */
const MAX_LIST = 32 * 1024 * 1024;

/**
 * A `tools/list` result as JSON text, with the server's `instructions`; both eras are asked, each for
 * at most `timeoutMs`. Throws where no list comes, or where two eras tell two stories.
 */
export async function listTools(target: ScanTarget, timeoutMs: number): Promise<string> {
  const upstream = upstreamOf(target, timeoutMs);
  try {
    const { lists, failure } = await liveLists(upstream, timeoutMs);
    const [first, ...others] = lists;
    if (first === undefined) {
      const why = failure === undefined ? "" : `: ${FAILURES[failure]}`;
      throw new PhiwardError("INVALID_INPUT", `the server gave no list of tools${why}`, {
        help: `see that the command or URL is right and that the server answers within ${timeoutMs / 1000} s (--timeout), and that it was given its credential (--env, --bearer-env)`,
      });
    }
    const text = written(first);
    if (text.length > MAX_LIST) {
      throw new PhiwardError("INVALID_INPUT", "the server's list of tools is too long to review");
    }
    // A server that shows clients of one era other tools than those of the other cannot be pinned once.
    if (others.some((other) => fingerprint(other) !== fingerprint(first))) {
      throw new PhiwardError(
        "INVALID_INPUT",
        "the server lists different tools to clients of different MCP revisions",
        { help: "one lock cannot pin both: ask the vendor, or serve it through one revision only" },
      );
    }
    return text;
  } finally {
    await upstream.close();
  }
}

function upstreamOf(target: ScanTarget, timeoutMs: number): Upstream {
  return "url" in target
    ? httpUpstream("scan", target.url, { headers: target.headers, timeoutMs })
    : stdioUpstream("scan", target.command, { env: target.env, timeoutMs });
}

const written = ({ tools, instructions }: LiveList): string =>
  writeReceived({
    tools: [...tools],
    ...(instructions === undefined ? {} : { instructions }),
  });

/** `_meta` is the server's own business, and is not pinned either. */
function fingerprint({ tools }: LiveList): string {
  return tools
    .map((tool) => {
      const { _meta, ...pinned } = tool;
      return `${String(own(tool, "name"))} ${canonical(asDoubles(pinned as ReceivedObject))}`;
    })
    .sort()
    .join("\n");
}
