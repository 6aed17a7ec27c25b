/** Mistakes within one limit: one more, one less, another window, something else counted. */
import type { Limit, Window } from "../policy/ir.ts";
import type { Draft } from "./mutant.ts";

const WINDOWS: readonly Window[] = ["minute", "hour", "day"];

export function limitMutants(limit: Limit): readonly Draft<Limit>[] {
  const { counter, max, window, distinct, incrementFrom, ...rest } = limit;
  const draft = (at: string, what: string, value: Limit): Draft<Limit> => ({
    at: [at],
    mutation: `${what} in the limit \`${counter}\``,
    value,
  });
  const place = WINDOWS.indexOf(window);
  return [
    ...[max - 1, max + 1]
      .filter((value) => value >= 0 && Number.isSafeInteger(value))
      .map((value) =>
        draft("max", `\`max: ${max}\` becomes \`${value}\``, { ...limit, max: value }),
      ),
    ...[WINDOWS[place - 1], WINDOWS[place + 1]]
      .filter((other) => other !== undefined)
      .map((other) =>
        draft("window", `\`window: ${window}\` becomes \`${other}\``, { ...limit, window: other }),
      ),
    ...(distinct === undefined && incrementFrom === undefined
      ? []
      : [
          draft(
            distinct === undefined ? "increment_from" : "distinct",
            `calls are counted instead of ${distinct === undefined ? "the sum of an argument" : "different patients"}`,
            { counter, max, window, ...rest },
          ),
        ]),
  ];
}
