/** What somebody proved when they came in. It is asked again at every request. */
export type Credential =
  | {
      readonly kind: "token";
      /** SHA-256 of a grant token, 64 hexadecimal digits. */
      readonly hash: string;
    }
  | {
      readonly kind: "subject";
      readonly issuer: string;
      readonly subject: string;
      /** When the issuer vouched for them: epoch milliseconds. */
      readonly since: number;
    };

/** Somebody who may be here, now. */
export interface Visitor {
  readonly grant: string;
  /** Such as `person:m.chen`. */
  readonly principal: string;
  /** Whoever may sign may read. */
  readonly may: "read" | "sign";
}

export type RefusalCode =
  | "unknown_token"
  | "expired_token"
  | "revoked_token"
  | "orphaned_token"
  | "store_unavailable"
  | "unknown_subject"
  | "barred"
  | "no_audit_access"
  | "no_policy"
  | "bad_login"
  | "too_many_attempts";

/** Why somebody is not let in. The page says less than the record. */
export interface Turned {
  readonly refused: RefusalCode;
  readonly grant?: string;
  /** The first 12 hexadecimal digits of the token's hash. */
  readonly token?: string;
}
