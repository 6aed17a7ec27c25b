/** What says of itself that nobody has it. */

const WORDS =
  /(^|[^a-z])(example|sample|test(ing)?|tester|dummy|fake|synthetic|demo|fictional|fictitious|invented|placeholder|mock|foo|bar|baz|lorem|ipsum|redacted|anonymous|unknown|nobody|no-?one|none|null|undefined|todo|tbd|elsewhere)([^a-z]|$)|x{3,}|\*{3,}|\{[a-z]*\}|<[a-z_ -]+>/i;

/** Names that stand for anybody. */
const ANYBODY =
  /^((jane|john|baby|jimmy)( [a-z]\.?)? (doe|roe|smith|public|sample|bloggs)|(doe|roe|bloggs|mustermann|musterfrau),?( (jane|john|joe|max|erika))?|(max|erika) mustermann|joe bloggs|doe|roe)$/i;

export function isMadeUp(text: string): boolean {
  return text === "" || WORDS.test(text) || ANYBODY.test(text.trim()) || isFilled(text);
}

/**
 * One letter again and again, and perhaps another at an end: `AAaaaa0000`, `AAaaaa0001`, `100000`. So
 * a prover fills a pattern when it writes a test.
 */
function isFilled(text: string): boolean {
  const runs = text.match(/[A-Z]+|[a-z]+|[0-9]+/g) ?? [];
  const long = runs.some((run) => run.length >= 3);
  return long && runs.every((run) => isOne(run.slice(0, -1)) || isOne(run.slice(1)));
}

function isOne(letters: string): boolean {
  return new Set(letters).size <= 1;
}

/** Digits that a person types: 000000, 123456, 987654, 121212. */
export function isCounting(digits: string): boolean {
  if (digits.length < 3) return false;
  const steps = [...digits]
    .slice(1)
    .map((digit, i) => (Number(digit) - Number(digits[i]) + 10) % 10);
  return steps.every((step) => step === steps[0]) || /^([0-9]{1,3})\1+$/.test(digits);
}
