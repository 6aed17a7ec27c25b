/** Who approved a broadening: people of base's approver groups, on exactly the commit that was judged. */
export interface Approvals {
  /** Whether every group has as many approvals, of distinct people, as base asks for. */
  readonly satisfied: boolean;
  /** The commit that the approvals are for. */
  readonly commit: string;
  readonly groups: readonly {
    readonly group: string;
    readonly needed: number;
    readonly by: readonly {
      readonly person: string;
      readonly review?: string;
      readonly at?: string;
    }[];
  }[];
  /** Sentences: why somebody does not count, or why a group could not be asked. */
  readonly problems: readonly string[];
}
