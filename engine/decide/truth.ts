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

/** OR: true if one is; false if all are; otherwise undetermined. Of nothing it is false. */
export function or(values: readonly Truth[]): Truth {
  return values.includes("true")
    ? "true"
    : values.includes("undetermined")
      ? "undetermined"
      : "false";
}

/** AND: false if one is; true if all are; otherwise undetermined. Of nothing it is true. */
export function and(values: readonly Truth[]): Truth {
  return values.includes("false")
    ? "false"
    : values.includes("undetermined")
      ? "undetermined"
      : "true";
}

/**
 * OR and AND of functions, built once and called for every decision: they stop at the value that
 * settles the answer, and allocate nothing.
 */
export function anyOf<T>(judges: readonly ((facts: T) => Truth)[]): (facts: T) => Truth {
  if (judges.length === 1) return judges[0]!;
  return (facts) => {
    let result: Truth = "false";
    for (let i = 0; i < judges.length; i++) {
      const value = judges[i]!(facts);
      if (value === "true") return value;
      if (value === "undetermined") result = value;
    }
    return result;
  };
}

export function allOf<T>(judges: readonly ((facts: T) => Truth)[]): (facts: T) => Truth {
  if (judges.length === 1) return judges[0]!;
  return (facts) => {
    let result: Truth = "true";
    for (let i = 0; i < judges.length; i++) {
      const value = judges[i]!(facts);
      if (value === "false") return value;
      if (value === "undetermined") result = value;
    }
    return result;
  };
}
