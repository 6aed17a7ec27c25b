#!/usr/bin/env node
/**
 * Verifies a folder of evidence, or a whole audit log, with nothing but Node.js 18 or later.
 *
 *     node verify.mjs                         the folder in which this file stands
 *     node verify.mjs FOLDER --key pub.pem    another folder, and a public key that came from elsewhere
 *     node verify.mjs … --checkpoints FILE    signed notes that were kept elsewhere
 *     node verify.mjs … --json                the answer as JSON
 *
 * Exit code 0: everything is what was written. 3: something is not. 2: it could not be read.
 *
 * A record is one line; its hash is that of the line's own bytes without the member `hash`, so nothing
 * has to be written anew to check it:
 *
 *     line  {…,"hash":"<64 hex>",…,"prev":"<64 hex>",…,"seq":N,…}\n
 *     hash  SHA-256 of the line without  ,"hash":"…"  (the last of that name) and without the line end
 *     prev  the hash of the record before; of record 1, 256 random bits
 *
 * What is found, and how it is called:
 *
 *     file        a file of the folder that is not the one the manifest names, or that it does not name
 *     edited      a record whose bytes are not those that were hashed
 *     form        a line that is no record, or is not in the canonical form of RFC 8785
 *     removed     numbers that are nowhere: records were taken out, or the beginning, or a file
 *     reordered   records that stand in another place than their number
 *     spliced     a record that does not follow the one before it although its number does
 *     truncated   the records end before something that a checkpoint or the manifest has seen
 *     checkpoint  a signed note that contradicts the chain, or whose signature does not fit
 *     torn        a last record that is cut short, as a crash leaves it; by itself it is no break
 *
 * It is an independent writing of what `phiward audit verify` does. A test keeps the two equal.
 */
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const MANIFEST = "manifest.json";
const RECORDS = "records";
const NOTES = "checkpoints.notes";
const PUBLIC_KEY = "checkpoint-key.pem";
const MAX_PROBLEMS = 1000;

// ---------------------------------------------------------------- the bytes, as lines

const CHUNK_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
const SECTOR_BYTES = 512;
const NEWLINE = 0x0a;

function segmentName(segment) {
  return `${String(segment).padStart(10, "0")}.jsonl`;
}

function listSegments(folder) {
  return readdirSync(folder)
    .filter((name) => /^[0-9]{10}\.jsonl$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** Every line of a log, in order; and, as `torn` or `cut`, bytes that are no line. */
function* linesOfLog(folder) {
  const segments = listSegments(folder).filter((one) => contentEnd(pathOf(folder, one)) > 0);
  for (const segment of segments) {
    yield* linesOfSegment(folder, segment, segment === segments[segments.length - 1]);
  }
}

function pathOf(folder, segment) {
  return join(folder, segmentName(segment));
}

function* linesOfSegment(folder, segment, last) {
  const path = pathOf(folder, segment);
  const content = contentEnd(path);
  let line = 0;
  for (let from = 0; from < content; ) {
    let end = from;
    for (const { bytes, offset } of wholeLines(path, from)) {
      line++;
      end = offset + bytes.length + 1;
      yield { kind: "line", segment, line, offset, bytes };
    }
    if (content <= end) return;
    line++;
    const torn = last && isTear(path, end, content);
    yield { kind: torn ? "torn" : "cut", segment, line, offset: end, length: content - end };
    const next = torn ? undefined : resumeAt(path, end);
    if (next === undefined) return;
    from = next;
  }
}

/** Lines that have an end, up to the first zero byte. A running log is written ahead with zeros. */
function* wholeLines(path, from) {
  const file = openSync(path, "r");
  try {
    let kept = Buffer.alloc(0);
    for (let position = from; ; ) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const read = readSync(file, chunk, 0, CHUNK_BYTES, position);
      const zero = chunk.subarray(0, read).indexOf(0);
      const buffer = Buffer.concat([kept, chunk.subarray(0, zero === -1 ? read : zero)]);
      const base = position - kept.length;
      let start = 0;
      for (let stop = buffer.indexOf(NEWLINE); stop !== -1; stop = buffer.indexOf(NEWLINE, start)) {
        yield { bytes: buffer.subarray(start, stop), offset: base + start };
        start = stop + 1;
      }
      kept = buffer.subarray(start);
      position += read;
      if (read === 0 || zero !== -1 || kept.length > MAX_LINE_BYTES) return;
    }
  } finally {
    closeSync(file);
  }
}

/** The offset after the last byte that is not zero. */
function contentEnd(path) {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let end = fstatSync(file).size; end > 0; ) {
      const start = Math.max(0, end - CHUNK_BYTES);
      const read = readSync(file, buffer, 0, end - start, start);
      for (let i = read - 1; i >= 0; i--) if (buffer[i] !== 0) return start + i + 1;
      end = start;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

/** Whether bytes at the end can be what a crash left of one write: a disk loses sectors whole. */
function isTear(path, offset, end) {
  if (end - offset > MAX_LINE_BYTES) return false;
  const bytes = readAt(path, offset, end - offset);
  const hole = bytes.indexOf(0);
  if (hole === -1) return true;
  const behind = bytes.findIndex((byte, i) => i > hole && byte !== 0);
  const begins = hole === 0 || (offset + hole) % SECTOR_BYTES === 0;
  return begins && (offset + behind) % SECTOR_BYTES === 0;
}

function readAt(path, offset, length) {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  } finally {
    closeSync(file);
  }
}

/** Where lines may begin again after one that was cut short: after a line end, or after a hole. */
function resumeAt(path, from) {
  let inHole = false;
  for (let at = from; ; ) {
    const bytes = readAt(path, at, CHUNK_BYTES);
    if (bytes.length === 0) return undefined;
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === 0) inHole = true;
      else if (inHole) return at + i;
      else if (bytes[i] === NEWLINE) return at + i + 1;
    }
    at += bytes.length;
  }
}

// ---------------------------------------------------------------- a line, as a record

const HASH = ',"hash":"';
const HASH_LENGTH = HASH.length + 64 + 1;
const PREV = ',"prev":"';
const SEQ = ',"seq":';
const [QUOTE, OPEN, CLOSE, COMMA] = [0x22, 0x7b, 0x7d, 0x2c];

/** Where a line stands in the chain; undefined when it is not of the form of a record. */
function readLink(line) {
  if (line[0] !== OPEN || line[line.length - 1] !== CLOSE) return undefined;
  const at = line.lastIndexOf(HASH);
  const after = at + HASH_LENGTH;
  if (at <= 0 || line[after - 1] !== QUOTE) return undefined;
  const prevAt = line.indexOf(PREV, after);
  if (prevAt === -1 || line[prevAt + PREV.length + 64] !== QUOTE) return undefined;
  const seqAt = line.indexOf(SEQ, prevAt);
  const seq = seqAt === -1 ? undefined : readNumber(line, seqAt + SEQ.length);
  if (seq === undefined) return undefined;
  const hash = line.toString("latin1", at + HASH.length, after - 1);
  const prev = line.toString("latin1", prevAt + PREV.length, prevAt + PREV.length + 64);
  const computed = createHash("sha256")
    .update(line.subarray(0, at))
    .update(line.subarray(after))
    .digest("hex");
  return { seq, prev, hash, genuine: computed === hash };
}

function readNumber(line, from) {
  let end = from;
  while (line[end] >= 0x30 && line[end] <= 0x39) end++;
  const ended = line[end] === COMMA || line[end] === CLOSE;
  const value = Number(line.toString("latin1", from, end));
  return ended && end > from && line[from] !== 0x30 && Number.isSafeInteger(value)
    ? value
    : undefined;
}

/** RFC 8785: members sorted by name, no white space. JSON.stringify writes the rest as it asks. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** The record in a line that is genuine; undefined when its text is not the canonical one. */
function readRecord(line) {
  try {
    const text = line.toString("utf8");
    const record = JSON.parse(text);
    return canonical(record) === text ? record : undefined;
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------- do the records follow one another?

const MAX_GAPS = 1000;

/** `start`: the number of the first record. Fed with each line in turn. */
function startOrder(start, segments, report) {
  let head;
  let aside;
  let damage;
  const gaps = [];
  const next = () => (head === undefined ? start : head.seq + 1);

  function advance({ seq, hash }) {
    head = { seq, hash };
    aside = undefined;
    return true;
  }

  function record(link, place) {
    if (damage !== undefined) {
      reportDamage(link.seq);
      // The damaged lines stand for the numbers that are missing here, and hide the hash before.
      if (link.seq >= next()) return advance(link);
    }
    if (link.seq > next()) {
      gaps.push({ from: next(), to: link.seq - 1, place });
      if (gaps.length > MAX_GAPS) reportGap(gaps.shift());
      return advance(link);
    }
    if (link.seq < next()) {
      misplaced(link, place);
      return false;
    }
    if (head !== undefined && link.prev !== head.hash) {
      report("spliced", place, link.seq, splicedWords(link.seq, head.seq));
    }
    return advance(link);
  }

  function misplaced(link, place) {
    const at = gaps.findIndex(({ from, to }) => from <= link.seq && link.seq <= to);
    const goesOn = aside !== undefined && link.seq === aside.seq + 1 && link.prev === aside.hash;
    aside = link;
    if (at !== -1) fill(at, link.seq);
    if (goesOn) return;
    if (at === -1) {
      const says = `record ${link.seq} stands here although the chain has gone beyond it: it is of another chain, or a copy`;
      report("spliced", place, link.seq, says);
    } else {
      const says = `record ${link.seq} stands in a later place than its number`;
      report("reordered", place, link.seq, says);
    }
  }

  function fill(at, seq) {
    const { from, to, place } = gaps[at];
    const rest = [
      { from, to: seq - 1, place },
      { from: seq + 1, to, place },
    ];
    gaps.splice(at, 1, ...rest.filter((gap) => gap.from <= gap.to));
  }

  function reportGap({ from, to, place }) {
    const before = place.segment - 1;
    const noFile = place.line === 1 && before > 0 && !segments.includes(before);
    const file = noFile ? `, and so is \`${segmentName(before)}\`` : "";
    report("removed", place, from, gapWords(from, to) + file);
  }

  function gapWords(from, to) {
    if (from === start) return `the beginning is missing: the first record is number ${to + 1}`;
    return from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`;
  }

  function reportDamage(following) {
    const { kind, place, says } = damage;
    const first = next();
    const last = following === undefined ? first : following - 1;
    const which =
      last < first
        ? "a line that was put in: "
        : last === first
          ? `record ${first}: `
          : `records ${first} to ${last}: `;
    report(kind, place, last < first ? null : first, which + says);
    damage = undefined;
  }

  return {
    record,
    damaged(kind, place, says) {
      damage ??= { kind, place, says };
    },
    end() {
      if (damage !== undefined) reportDamage(undefined);
      for (const gap of gaps) reportGap(gap);
    },
    head: () => head,
  };
}

function splicedWords(seq, before) {
  return `record ${seq} does not follow record ${before}: one of the two was rewritten, or is of another chain`;
}

// ---------------------------------------------------------------- signed notes

const NOTE =
  /^(?<text>(?<origin>[^\n\s]{1,200})\n(?<count>[1-9][0-9]{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\n)\n(?<signatures>(?:— [^\n]+\n)+)$/;

/** A blank line stands between two notes; within one it is followed by a signature. */
function splitNotes(text) {
  return text
    .split(/\n\n(?!— )/)
    .map((note) => note.trim())
    .filter((note) => note !== "")
    .map((note) => `${note}\n`);
}

/** What a note says of itself; nothing is checked yet. */
function claimOf(note) {
  const parts = NOTE.exec(note)?.groups;
  if (parts === undefined) return undefined;
  const root = Buffer.from(parts.root, "base64").toString("hex");
  return { origin: parts.origin, count: Number(parts.count), root, note };
}

/** Why a note cannot be believed under a public key; undefined: its Ed25519 signature fits. */
function disbelief(note, key) {
  const { text, origin, signatures } = NOTE.exec(note)?.groups ?? {};
  if (text === undefined) return "it is not of the form of a signed note";
  const id = keyId(origin, key);
  for (const line of signatures.trimEnd().split("\n")) {
    const [, name, encoded] = line.split(" ");
    const bytes = Buffer.from(encoded ?? "", "base64");
    if (name !== origin || bytes.toString("hex", 0, 4) !== id) continue;
    return verifySignature(null, Buffer.from(text), key, bytes.subarray(4))
      ? undefined
      : "its signature does not fit: it was changed, or never signed";
  }
  return "it is signed with another key";
}

/** The first 4 bytes of SHA-256(name, line end, 0x01, public key), as C2SP signed-note has it. */
function keyId(name, key) {
  const raw = Buffer.from(key.export({ format: "jwk" }).x, "base64url");
  return createHash("sha256").update(`${name}\n\u0001`).update(raw).digest("hex").slice(0, 8);
}

/**
 * Compares what signed notes say with the chain as it is read. `witnesses`: files of notes, each with
 * its name and whether it came from outside the folder.
 */
function startHearing(witnesses, { origin, keys, first, last }, report) {
  let inLog = 0;
  let verified = 0;
  let unverified = 0;
  let known;
  const heard = witnesses.map(({ name, external, notes }) => {
    const claims = notes.map(claimOf);
    if (external) claims.sort((a, b) => (a?.count ?? 0) - (b?.count ?? 0));
    return { name, external, rest: claims, due: undefined, agreed: 0, others: 0, newest: 0 };
  });
  for (const one of heard) advance(one, { segment: 1, line: 1, offset: 0 });

  /** The next claim about this chain. */
  function advance(one, place) {
    one.due = undefined;
    while (one.rest.length > 0) {
      const claim = one.rest.shift();
      const problem = (says) => report("checkpoint", place, null, `\`${one.name}\`: ${says}`);
      if (claim === undefined) {
        problem("a note is not of the form of a signed note");
        continue;
      }
      if (origin !== undefined && claim.origin !== origin) {
        one.others++;
        continue;
      }
      if (claim.count < one.newest) problem("the notes do not stand in their order");
      one.newest = Math.max(one.newest, claim.count);
      // Of an excerpt, notes kept elsewhere also speak of what is before and behind it.
      if (claim.count < first - 1 || claim.count > last) continue;
      one.due = claim;
      return;
    }
  }

  function believed(note, place, name) {
    if (note === known) return true;
    if (keys.length === 0) {
      known = note;
      unverified++;
      return true;
    }
    const answers = keys.map((key) => disbelief(note, key));
    if (answers.includes(undefined)) {
      verified++;
      known = note;
      return true;
    }
    report("checkpoint", place, null, `${name}: a checkpoint cannot be believed: ${answers[0]}`);
    return false;
  }

  /** A checkpoint in the chain signs the record before it. */
  function ownCheckpoint(record, link, place) {
    const { count, root, note } = record;
    const problem = (says) => report("checkpoint", place, link.seq, says);
    const claim = claimOf(note);
    if (count !== link.seq - 1 || root !== link.prev) {
      problem(`checkpoint ${link.seq} signs another chain than the one that it stands in`);
    } else if (origin !== undefined && record.origin !== origin) {
      problem(`checkpoint ${link.seq} has another chain's name`);
    } else if (claim?.origin !== record.origin || claim.count !== count || claim.root !== root) {
      problem(`the signed note of checkpoint ${link.seq} says something else than its record`);
    } else believed(note, place, `record ${link.seq}`);
  }

  return {
    record(link, place, record) {
      if (record?.kind === "checkpoint") {
        inLog++;
        ownCheckpoint(record, link, place);
      }
      for (const one of heard) {
        while (one.due !== undefined && one.due.count <= link.seq) {
          if (one.due.count === link.seq) ask(one, one.due, link, place);
          advance(one, place);
        }
      }
    },
    end(seq, place) {
      for (const one of heard) {
        let beyond;
        for (; one.due !== undefined; advance(one, place)) {
          if (believed(one.due.note, place, `\`${one.name}\``)) beyond = one.due;
        }
        if (beyond !== undefined) {
          const says = `the log ends at record ${seq}, and \`${one.name}\` has seen record ${beyond.count}`;
          report("truncated", place, seq + 1, says);
        }
        if (one.external && one.newest === 0) {
          const says = `\`${one.name}\` has no checkpoint of this log: it is another log's, or this one was written anew`;
          report("checkpoint", place, null, says);
        }
      }
    },
    counts: () => ({
      inLog,
      verified,
      unverified,
      witnesses: heard.map(({ name, external, agreed, others }) => ({
        name,
        external,
        agreed,
        others,
      })),
    }),
  };

  function ask(one, { count, root, note }, link, place) {
    const name = `\`${one.name}\``;
    if (!believed(note, place, name)) return;
    if (root === link.hash) {
      one.agreed++;
      return;
    }
    const says = `${name} has seen another record ${count}: the chain was written anew`;
    report("checkpoint", place, count, says);
  }
}

// ---------------------------------------------------------------- a log

/**
 * Is a log whole? `keys`: public keys that may have signed the checkpoints; with none, signatures are
 * not checked. `kept`: notes that were kept elsewhere. `excerpt`: what the manifest says of a part of
 * a log; absent for a whole one.
 */
export function verifyLog(folder, { keys = [], kept = [], excerpt = undefined } = {}) {
  const found = collect();
  const segments = listSegments(folder);
  const start = excerpt?.first ?? 1;
  const opening = firstRecord(folder, segments);
  const origin =
    opening?.seq === 1 ? `${opening.node}/${opening.prev.slice(0, 16)}` : excerpt?.origin;
  const order = startOrder(start, segments, found.report);
  const notes = join(folder, NOTES);
  const own = existsSync(notes) ? splitNotes(readFileSync(notes, "utf8")) : [];
  const hearing = startHearing(
    [
      { name: NOTES, external: false, notes: own },
      ...kept.map((one) => ({ ...one, external: true })),
    ],
    { origin, keys, first: start, last: excerpt?.last ?? Number.POSITIVE_INFINITY },
    found.report,
  );

  let records = 0;
  let newest;
  let end = { segment: segments[0] ?? 1, line: 1, offset: 0 };
  for (const { kind, segment, line, offset, bytes, length } of linesOfLog(folder)) {
    end = { segment, line, offset };
    if (kind === "cut") order.damaged("edited", end, "it is cut short, and more follows");
    else if (kind === "torn") {
      const says = `the last record is cut short: ${length} bytes, as a crash leaves them`;
      found.report("torn", end, null, says);
    } else {
      records++;
      const link = readLink(bytes);
      if (link === undefined) order.damaged("form", end, "the line is no record");
      else if (!link.genuine) order.damaged("edited", end, "it is not what was written");
      else {
        const record = readRecord(bytes);
        if (record === undefined) {
          found.report("form", end, link.seq, `record ${link.seq} is not in canonical form`);
        }
        if (order.record(link, end)) {
          newest = record;
          hearing.record(link, end, record);
        }
      }
    }
  }
  order.end();
  const last = order.head()?.seq ?? 0;
  hearing.end(last, end);
  if (excerpt !== undefined && last < excerpt.last) {
    const says = `the records end at ${last}, and the manifest says ${excerpt.last}`;
    found.report("truncated", end, last + 1, says);
  }

  return {
    verdict: found.broken() ? "broken" : "whole",
    origin: origin ?? null,
    records,
    segments: segments.length,
    first: opening === undefined ? null : { seq: opening.seq, at: opening.at },
    last: newest === undefined ? null : { seq: newest.seq, at: newest.at },
    head: order.head()?.hash ?? null,
    checkpoints: hearing.counts(),
    problems: found.problems.sort((a, b) => a.segment - b.segment || a.line - b.line),
    problemCount: found.count(),
  };
}

function firstRecord(folder, segments) {
  if (segments.length === 0) return undefined;
  for (const { bytes } of wholeLines(pathOf(folder, segments[0]), 0)) {
    return readLink(bytes)?.genuine ? readRecord(bytes) : undefined;
  }
  return undefined;
}

/** Keeps the first problems and counts them all. */
function collect() {
  const problems = [];
  let count = 0;
  let broken = false;
  return {
    report(kind, place, seq, says) {
      count++;
      broken ||= kind !== "torn";
      if (problems.length < MAX_PROBLEMS) problems.push({ kind, ...place, seq, says });
    },
    problems,
    count: () => count,
    broken: () => broken,
  };
}

// ---------------------------------------------------------------- the other files of the folder

/** Compares every file with the digest in the manifest; what is not named, or not there, is told. */
export function verifyFiles(folder, manifest) {
  const problems = [];
  const there = new Set(filesOf(folder));
  for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
    if (!there.delete(path)) problems.push({ kind: "file", path, says: "it is missing" });
    else if (
      statSync(join(folder, path)).size !== bytes ||
      digestOfFile(join(folder, path)) !== sha256
    ) {
      problems.push({ kind: "file", path, says: "it is not the file that the manifest names" });
    }
  }
  there.delete(MANIFEST);
  for (const path of there) {
    problems.push({ kind: "file", path, says: "the manifest does not name it" });
  }
  return problems;
}

function filesOf(folder) {
  const walk = (at) =>
    readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
      const path = join(at, entry.name);
      return entry.isDirectory() ? walk(path) : [relative(folder, path).split(sep).join("/")];
    });
  return walk(folder).sort();
}

function digestOfFile(path) {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let read = 1; read > 0; ) {
      read = readSync(file, buffer, 0, CHUNK_BYTES, null);
      hash.update(buffer.subarray(0, read));
    }
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}

/** A folder of evidence: its files against the manifest, and its records as a part of the chain. */
export function verifyFolder(folder, { keys = [], kept = [] } = {}) {
  const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
  const files = verifyFiles(folder, manifest);
  const { chain } = manifest;
  const excerpt = { first: chain.first, last: chain.last, origin: chain.origin };
  const log = chain.included
    ? verifyLog(join(folder, RECORDS), { keys, kept, excerpt })
    : undefined;
  const whole = files.length === 0 && log?.verdict !== "broken";
  const { period } = manifest;
  return { verdict: whole ? "whole" : "broken", period, edges: edgesOf(period, log), files, log };
}

/** Whether the records reach beyond the period at both ends, so that nothing of it is left out. */
function edgesOf({ from, to }, log) {
  const { first, last } = log ?? {};
  if (!first || !last) return undefined;
  return {
    beginning: first.seq === 1 ? "chain" : first.at < from ? "before" : "within",
    end: last.at > to ? "behind" : "within",
  };
}

const BEGINNING = {
  chain: "with the first record of the chain",
  before: "with a record from before the period",
  within: "within the period: what was before it is not here",
};
const END = {
  behind: "with a record from behind the period",
  within: "within the period: with the newest record of the log, or without what followed",
};

// ---------------------------------------------------------------- what is printed

const MEANING = {
  given:
    "with the public key that you gave. If it did not come from whoever made this folder, a chain that was written anew would have been noticed.",
  own: "with the public key in this folder. It shows that records and checkpoints fit each other, and not who signed them: ask for the key (or its fingerprint) on another way and give it with --key.",
  none: "not at all: there is no public key. Only the chain itself was checked.",
};

function fingerprint(key) {
  const der = key.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex");
}

function print({ verdict, period, edges, files, log }, source, keys) {
  const partial =
    edges?.beginning === "within" ? ", but the beginning of the period is not here" : "";
  const lines = [
    verdict === "whole" ? `WHOLE: everything here is what was written${partial}` : "BROKEN",
  ];
  if (period !== undefined) lines.push(`period      ${period.from} to ${period.to}`);
  if (files !== undefined) {
    lines.push(
      files.length === 0
        ? "files       every file is the one that the manifest names"
        : `files       ${files.length} are not what the manifest names`,
    );
    for (const { path, says } of files.slice(0, 100)) lines.push(`  file       ${path}: ${says}`);
  }
  if (log === undefined) lines.push("records     not in this folder");
  else {
    const { first, last, records, checkpoints } = log;
    lines.push(
      `records     ${records}: number ${first?.seq} (${first?.at}) to ${last?.seq} (${last?.at})`,
    );
    if (edges !== undefined) {
      lines.push(`            they begin ${BEGINNING[edges.beginning]}`);
      lines.push(`            they end ${END[edges.end]}`);
    }
    lines.push(`chain       ${log.origin ?? "its name is not known"}`);
    lines.push(
      `checkpoints ${checkpoints.inLog} among the records; ${checkpoints.verified} signatures fit, ${checkpoints.unverified} were not checked`,
    );
    for (const { name, agreed, others } of checkpoints.witnesses) {
      lines.push(
        `  ${name}: ${agreed} agree${others > 0 ? `, ${others} are of other chains` : ""}`,
      );
    }
    lines.push(`signatures  checked ${MEANING[source]}`);
    for (const key of keys) lines.push(`  key        SHA-256 ${fingerprint(key)}`);
    for (const { kind, segment, line, offset, says } of log.problems.slice(0, 100)) {
      lines.push(`  ${kind.padEnd(10)} ${segmentName(segment)}:${line} (byte ${offset}): ${says}`);
    }
    if (log.problemCount > 100) lines.push(`  … ${log.problemCount} problems in all`);
  }
  return lines.join("\n");
}

function main(args) {
  const given = { key: [], checkpoints: [] };
  let [folder, json] = [undefined, false];
  for (let i = 0; i < args.length; i++) {
    const option = /^--(key|checkpoints)$/.exec(args[i])?.[1];
    if (option !== undefined) given[option].push(args[++i] ?? "");
    else if (args[i] === "--json") json = true;
    else if (folder === undefined && !args[i].startsWith("-")) folder = args[i];
    else
      throw new Error(`\`${args[i]}\` is not understood; the first lines of this file say what is`);
  }
  folder = resolve(folder ?? dirname(fileURLToPath(import.meta.url)));
  const isEvidence = existsSync(join(folder, MANIFEST));
  const inFolder = [join(folder, RECORDS, PUBLIC_KEY)].filter((path) => existsSync(path));
  const paths = given.key.length > 0 ? given.key : inFolder;
  const source = given.key.length > 0 ? "given" : paths.length > 0 ? "own" : "none";
  const keys = paths.map((path) => createPublicKey(readFileSync(path, "utf8")));
  const kept = given.checkpoints.map((name) => ({
    name,
    notes: splitNotes(readFileSync(name, "utf8")),
  }));
  const result = isEvidence
    ? verifyFolder(folder, { keys, kept })
    : { log: verifyLog(folder, { keys, kept }) };
  const verdict = result.verdict ?? result.log.verdict;
  const answer = { ...result, verdict };
  console.log(
    json ? JSON.stringify({ ...answer, keys: source }, null, 2) : print(answer, source, keys),
  );
  return verdict === "whole" ? 0 : 3;
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  }
}
