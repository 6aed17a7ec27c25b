/** How to check all of it, as a page and as a text: with the verifier, and by hand. */
import { sentence, text } from "../../render/html.ts";
import type { Facts } from "../facts.ts";
import { pageLinks, shell } from "./shell.ts";

/** Words, or commands to be typed. */
type Step = { readonly says: string } | { readonly run: string };

interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

const says = (words: string): Step => ({ says: words });
const run = (commands: string): Step => ({ run: commands });

function chapters({ chain }: Facts): readonly Chapter[] {
  const { excerpt, fingerprint, included } = chain;
  const first = excerpt?.first ?? 1;
  return [
    {
      title: "What you need",
      steps: [
        says(
          "Node.js 18 or later, and nothing else; for checking by hand `sha256sum` and `openssl`. No network, no package, and no part of phiward.",
        ),
        says(
          "From elsewhere, if your answer is to rest on more than this folder: the public key of the gateway's checkpoints, checkpoints that were kept on another machine, and the digest of `manifest.json`.",
        ),
      ],
    },
    {
      title: "With the verifier",
      steps: [
        says("In this folder:"),
        run("node verify.mjs"),
        says(
          "`verify.mjs` is one file that can be read. It compares every file with `manifest.json`, every record with its hash, each record with the one before, and every signed checkpoint with the records; and it names the file, line and byte of whatever was edited, removed, moved or inserted. Exit code 0: everything is what was written. 3: something is not. 2: it could not be read.",
        ),
        says("With a key and with checkpoints that came on another way:"),
        run("node verify.mjs --key gateway.pub --checkpoints kept.notes"),
        says(
          "The folder has a public key too (`records/checkpoint-key.pem`). With it alone you learn that records and checkpoints fit each other, and not who signed them: whoever makes a folder anew can put a new key into it.",
        ),
        says(
          fingerprint === undefined
            ? "No public key was found when this folder was made."
            : `Compare the key by its fingerprint, over the telephone if need be. In this folder it is, as SHA-256 of the DER form: \`${fingerprint}\``,
        ),
      ],
    },
    {
      title: "By hand: a file",
      steps: [
        says("The digest of the manifest, to be compared with what you were told:"),
        run("sha256sum manifest.json"),
        says("Any other file, to be compared with its `sha256` in the manifest:"),
        run("sha256sum index.html"),
        says(
          "The export itself is on record in the chain, after the period: its record `evidence.exported` has the digest of the manifest.",
        ),
      ],
    },
    ...(included
      ? [
          {
            title: "By hand: a record",
            steps: [
              says(
                'A record is one line. Its hash is SHA-256 of the line\'s bytes, without the member `,"hash":"…"` (the last of that name) and without the line end:',
              ),
              run(
                `line=$(head -n 1 records/0000000001.jsonl)
printf '%s' "$line" | sed 's/\\(.*\\),"hash":"[0-9a-f]\\{64\\}"/\\1/' | sha256sum
printf '%s' "$line" | grep -o '"hash":"[0-9a-f]*"' | tail -n 1`,
              ),
              says("Both print the same digits. The next record holds them as its `prev`:"),
              run(`sed -n 2p records/0000000001.jsonl | grep -o '"prev":"[0-9a-f]*"'`),
              says(
                `The numbers (\`seq\`) go up by one from #${first}, through all files, without a gap.`,
              ),
            ],
          },
          {
            title: "By hand: a checkpoint",
            steps: [
              says(
                "`records/checkpoints.notes` has signed notes (C2SP signed-note, Ed25519). A note has the name of the chain, how many records it had, and the hash of the last of them in base64; then a blank line and the signature. Take the first one apart:",
              ),
              run(
                `head -n 3 records/checkpoints.notes > note.txt
sed -n 5p records/checkpoints.notes | cut -d ' ' -f 3 | base64 -d | tail -c 64 > note.sig
openssl pkeyutl -verify -pubin -inkey records/checkpoint-key.pem -rawin -in note.txt -sigfile note.sig`,
              ),
              says(
                "Its third line is the hash of the record whose number is its second line. As hexadecimal digits, and as that record has them:",
              ),
              run(
                `sed -n 3p note.txt | base64 -d | od -An -tx1 | tr -d ' \\n'; echo
grep -h "\\"seq\\":$(sed -n 2p note.txt)[,}]" records/*.jsonl | grep -o '"hash":"[0-9a-f]*"' | tail -n 1`,
              ),
              says(
                "The first note may speak of the record before the first one here; then its hash stands there as the `prev` of the first record.",
              ),
            ],
          },
        ]
      : []),
    {
      title: "What the answer rests on",
      steps: [
        says("The records alone: nothing was edited, removed, moved or put in between."),
        says(
          "With a checkpoint that was kept elsewhere, and a key that came on another way: the end was not cut off either, and nobody wrote all of it anew, up to that checkpoint.",
        ),
        says(
          "A damaged index could have hidden records at the edges of the period: the first record here is from before the period, or the first of the chain, and the last one from behind it, or the newest. The verifier says which.",
        ),
      ],
    },
  ];
}

export function verifyPage(facts: Facts): string {
  const body = chapters(facts).map(
    ({ title, steps }) => `<h2>${text(title)}</h2>\n${steps.map(stepHtml).join("\n")}`,
  );
  return shell(
    "How to verify",
    pageLinks("how-to-verify.html"),
    `<main id="content"><h1>How to verify</h1>\n${body.join("\n")}</main>`,
  );
}

function stepHtml(step: Step): string {
  if ("says" in step) return `<p>${sentence(step.says)}</p>`;
  const lines = step.run.split("\n").map(text).join("\n");
  return `<pre tabindex="0"><code>${lines}</code></pre>`;
}

const WIDTH = 96;

export function verifyText(facts: Facts): string {
  const body = chapters(facts).map(({ title, steps }) => {
    const lines = steps.map((step) =>
      "says" in step
        ? wrapped(step.says.replaceAll("`", ""))
        : step.run
            .split("\n")
            .map((line) => `    ${line}`)
            .join("\n"),
    );
    return [title.toUpperCase(), ...lines].join("\n\n");
  });
  return `${["HOW TO VERIFY", ...body].join("\n\n\n")}\n`;
}

function wrapped(from: string): string {
  const lines = [""];
  for (const word of from.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join("\n");
}
