/** Completion for zsh, with what each command and flag does. */
import { functionName } from "./bash.ts";
import { type CommandFacts, nextWords, pathsOf } from "./facts.ts";

export function zshScript(bin: string, commands: readonly CommandFacts[]): string {
  const next = nextWords(commands);
  const paths = pathsOf(commands, next);
  const name = functionName(bin);
  return `#compdef ${bin}
# Completion of ${bin} for zsh. In ~/.zshrc, after compinit:  eval "$(${bin} completion zsh)"
${name}() {
  local where= word prev=\${words[CURRENT-1]} i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    word=\${where:+$where }\${words[i]}
    case $word in
      (${paths.map(quoted).join("|")}) where=$word ;;
      (*) break ;;
    esac
  done
  case "$where $prev" in
${valueCases(commands)}
  esac
  case $where in
${commandCases(commands, next)}
  esac
}
compdef ${name} ${bin}
`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

function valueCases(commands: readonly CommandFacts[]): string {
  return commands
    .flatMap(({ words, flags }) =>
      flags
        .filter(({ takesValue }) => takesValue)
        .map(({ name, values }) => {
          const offer = values.length === 0 ? "_files" : `compadd -- ${values.join(" ")}`;
          return `    (${quoted(`${words} ${name}`)}) ${offer}; return ;;`;
        }),
    )
    .join("\n");
}

function commandCases(
  commands: readonly CommandFacts[],
  next: ReadonlyMap<string, readonly string[]>,
): string {
  const summaryOf = new Map(commands.map(({ words, summary }) => [words, summary]));
  const topics = [...next].map(([path, words]) => {
    const offers = words.map((word) => {
      const summary = summaryOf.get(path === "" ? word : `${path} ${word}`) ?? "";
      return described(word, summary);
    });
    return `    (${quoted(path)}) offers=(${offers.join(" ")}); _describe command offers ;;`;
  });
  const own = commands
    .filter(({ words }) => !next.has(words))
    .map(({ words, flags }) => {
      const offers = flags.map(({ name, summary }) => described(name, summary));
      return `    (${quoted(words)}) if [[ $PREFIX == -* ]]; then offers=(${offers.join(" ")}); _describe -o flag offers; else _files; fi ;;`;
    });
  return [...topics, ...own].join("\n");
}

function described(word: string, summary: string): string {
  return `'${word}${summary === "" ? "" : `:${summary}`}'`;
}
