/** Completion for bash 3.2 and newer, without the bash-completion package. */
import { type CommandFacts, nextWords, pathsOf } from "./facts.ts";

export function bashScript(bin: string, commands: readonly CommandFacts[]): string {
  const next = nextWords(commands);
  const paths = pathsOf(commands, next);
  const name = functionName(bin);
  return `# Completion of ${bin} for bash. In ~/.bashrc:  eval "$(${bin} completion bash)"
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  # bash takes \`--flag=value\` for three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${path:+$path }\${COMP_WORDS[i]}
    case $word in
      ${paths.map(quoted).join("|")}) path=$word ;;
      *) break ;;
    esac
  done
  COMPREPLY=()
  case "$path $prev" in
${valueCases(commands)}
  esac
  case $path in
${commandCases(commands, next)}
  esac
}
complete -o default -F ${name} ${bin}
`;
}

export function functionName(bin: string): string {
  return `_${bin.replace(/\W/g, "_")}`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** After a flag with known values come those; after one with any, files. */
function valueCases(commands: readonly CommandFacts[]): string {
  return commands
    .flatMap(({ words, flags }) =>
      flags
        .filter(({ takesValue }) => takesValue)
        .map(({ name, values }) => {
          const reply =
            values.length === 0
              ? ""
              : `COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$cur")); `;
          return `    ${quoted(`${words} ${name}`)}) ${reply}return ;;`;
        }),
    )
    .join("\n");
}

function commandCases(
  commands: readonly CommandFacts[],
  next: ReadonlyMap<string, readonly string[]>,
): string {
  const offer = (words: readonly string[]): string =>
    `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))`;
  const topics = [...next].map(([path, words]) => `    ${quoted(path)}) ${offer(words)} ;;`);
  const own = commands
    .filter(({ words }) => !next.has(words))
    .map(
      ({ words, flags }) =>
        `    ${quoted(words)}) [[ $cur != -* ]] || ${offer(flags.map(({ name }) => name))} ;;`,
    );
  return [...topics, ...own].join("\n");
}
