/** Why a token of an issuer is not taken. Each is a code of a refusal, and of its record. */
export type TokenProblem =
  /** Not three base64url parts of JSON objects, or one that two readers would read differently. */
  | "malformed_token"
  /** It brings a key of its own, or an extension that nobody here knows. */
  | "token_header"
  | "token_algorithm"
  /** It says that it is something else than an access token, or does not say that it is one. */
  | "token_type"
  | "unknown_issuer"
  /** The issuer has no key of this name and kind. */
  | "unknown_key"
  | "bad_signature"
  /** A claim that is needed is missing, or is not of its form. */
  | "token_claims"
  | "wrong_audience"
  | "expired_token"
  /** Not valid yet, or issued in the future. */
  | "early_token"
  | "insufficient_scope"
  /** Whoever sent it has not shown that they hold its key. */
  | "sender_unproven"
  | "bad_proof"
  | "replayed_proof"
  /** The issuer's keys are not to be had. */
  | "identity_unavailable";

export interface Unproven {
  readonly problem: TokenProblem;
}

export function unproven(problem: TokenProblem): Unproven {
  return { problem };
}

export function isUnproven(value: object): value is Unproven {
  return "problem" in value;
}
