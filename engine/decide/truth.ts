/**
 * Three truth values, and Kleene's strong logic over them.
 *
 * A condition that cannot be judged is `undetermined`, never false: a `deny_if` on a missing
 * argument must not fall silent because the argument is missing.
 */
export type Truth = "true" | "false" | "undetermined";

export function truth(value: boolean): Truth {
  return value ? "true" : "false";
}

export function not(value: Truth): Truth {
  return value === "true" ? "false" : value === "false" ? "true" : "undetermined";
}

/** True if one is; false if all are; otherwise undetermined. Of nothing it is false. */
export function or<T>(items: readonly T[], judge: (item: T) => Truth): Truth {
  let result: Truth = "false";
  for (const item of items) {
    const value = judge(item);
    if (value === "true") return "true";
    if (value === "undetermined") result = "undetermined";
  }
  return result;
}

/** False if one is; true if all are; otherwise undetermined. Of nothing it is true. */
export function and<T>(items: readonly T[], judge: (item: T) => Truth): Truth {
  let result: Truth = "true";
  for (const item of items) {
    const value = judge(item);
    if (value === "false") return "false";
    if (value === "undetermined") result = "undetermined";
  }
  return result;
}
