/** English verbs of tool names and descriptions, by what they do to the data behind the tool. */
import type { Effect } from "../../policy/ir.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const VERBS: Readonly<Record<Effect, readonly string[]>> = {
  read: words(`
    aggregate analyse analyze answer ask audit browse calculate check classify collect compare
    compute convert count decode describe detect determine diagnose diff discover display download
    echo elicit encode enumerate estimate evaluate examine expand explain explore export extract fetch
    filter find format generate get grep hash help identify inspect interpret join lint list load
    locate look lookup match measure monitor normalise normalize obtain package parse peek ping
    plot poll predict preview profile provide query rank read render report retrieve return
    review scan score search see select show simulate sort status suggest summarise summarize test
    trace transform translate validate verify view visualise visualize watch whoami
  `),
  write: words(`
    accept acknowledge activate add adjust administer admit amend annotate append apply approve
    archive assign associate attach attest authorise authorize begin block book build cancel change
    checkin checkout claim clone close comment commit complete configure connect copy correct create
    deactivate decline delegate deploy disable discharge dispense document draft edit email enable
    enrol enroll escalate finalise finalize flag follow forward grant import increment index ingest
    initialise initialize initiate insert invite issue label link lock log login logout mark merge
    message migrate modify move notify open order override patch pause persist pin place post
    prescribe print publish push put queue reassign reconnect record refresh refer refill register reindex reject
    release rename renew reopen reorder replace reply request reschedule resolve reserve restore resume
    retry revise rotate save schedule seed send set share sign split stage star start stop store submit
    subscribe supersede suspend swap switch sync tag toggle transcribe transition triage unarchive unassign unblock
    unfollow unlock unstar unsubscribe untag update upgrade upload upsert vote withdraw write
  `),
  financial: words("bill charge pay payout purchase refund reimburse remit"),
  destructive: words(`
    clear delete deprovision destroy discard drop erase expunge forget kill nuke obliterate overwrite
    purge prune remove reset revert revoke rollback shred terminate truncate uninstall unlink void
    wipe
  `),
  execute: words("call dispatch eval exec execute install invoke launch rerun run spawn trigger"),
};

/** Also nouns, or adjectives: they say what is done only in the place of a verb. */
export const ALSO_NOUNS: ReadonlySet<string> = new Set(
  words(`
    audit bill block book build call change charge check claim clear clone close comment commit copy
    diff document draft dispatch drop email export filter flag format grant hash help import index
    issue join label link list load lock log look match measure merge message monitor note open order
    package patch pause place plot post preview print profile purchase put query queue rank read
    record refer refill refund release report request reset return review run scan schedule score
    search seed send set share show sign sort split stage star start status stop store sync tag test
    trace trigger update upload view void vote watch write complete
  `),
);

/** In the last place of a name they are hardly ever the verb: `drug_label`, `visit_note`. */
export const MOSTLY_NOUNS: ReadonlySet<string> = new Set(
  words(`
    audit bill block book call charge claim comment document draft email flag format grant index issue
    label link log message note order package place post profile purchase queue record referral refund
    release report request run schedule score share stage start store tag trace
  `),
);

/** They compute from what they are given and look nothing up, as far as the word says. */
export const COMPUTES: ReadonlySet<string> = new Set(
  words(`
    aggregate analyse analyze calculate check classify compare compute convert decode determine diff
    encode estimate evaluate expand extract format generate hash interpret join lint normalise
    normalize package parse predict rank render score simulate sort summarise summarize test
    transform translate validate verify
  `),
);

/** What `start`, `launch` and the like turn into execution of somebody's program. */
export const RUNNABLE: ReadonlySet<string> = new Set(
  words(`
    automation batch build code command container cluster experiment flow function instance job lambda
    macro notebook pipeline playbook process program query run script task training workflow
  `),
);

export const HTTP_METHODS: Readonly<Record<string, Effect>> = {
  GET: "read",
  HEAD: "read",
  OPTIONS: "read",
  POST: "write",
  PUT: "write",
  PATCH: "write",
  DELETE: "destructive",
};

/** Arguments that choose what a tool does. */
export const CHOOSERS: ReadonlySet<string> = new Set(
  words("action command interaction method mode op operation subcommand verb"),
);

/** Arguments that carry a program, whatever the tool is called. */
export const PROGRAMS: ReadonlySet<string> = new Set(
  words(`
    bash cmd command cypher javascript js powershell program python script shell snippet sparql sql
  `),
);

/** Words of a text that make a `code` or `query` argument a program. */
export const PROGRAM_TEXT =
  /\b(sql|cypher|sparql|graphql|javascript|typescript|python|bash|shell|powershell|scripts?|snippets?|execut\w*|eval\w*|source code|lambda)\b/i;
