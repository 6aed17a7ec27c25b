/** Completion for fish, with what each command and flag does. */
import { functionName } from "./bash.ts";
import { type CommandFacts, nextWords, pathsOf } from "./facts.ts";

export function fishScript(bin: string, commands: readonly CommandFacts[]): string {
  const next = nextWords(commands);
  const paths = pathsOf(commands, next);
  const at = `_${functionName(bin)}_at`;
  const summaryOf = new Map(commands.map(({ words, summary }) => [words, summary]));
  const topics = [...next].flatMap(([path, words]) =>
    words.map((word) => {
      const summary = summaryOf.get(path === "" ? word : `${path} ${word}`) ?? "";
      return `complete -c ${bin} -f -n "${at} '${path}'" -a ${word}${about(summary)}`;
    }),
  );
  const flags = commands.flatMap(({ words, flags }) =>
    flags.map(({ name, summary, takesValue, values }) => {
      const long = name.startsWith("--");
      const value = !takesValue ? "" : values.length === 0 ? " -r" : ` -x -a "${values.join(" ")}"`;
      return `complete -c ${bin} -n "${at} '${words}'" ${long ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`}${value}${about(summary)}`;
    }),
  );
  return `# Completion of ${bin} for fish:  ${bin} completion fish > ~/.config/fish/completions/${bin}.fish
function ${at}
    set -l path
    for word in (commandline -opc)[2..]
        switch "$path $word"
            case ${paths.map((path) => `'${path.includes(" ") ? path : ` ${path}`}'`).join(" ")}
                set path (string trim "$path $word")
            case '*'
                break
        end
    end
    test "$path" = "$argv[1]"
end
${[...topics, ...flags].join("\n")}
`;
}

function about(summary: string): string {
  return summary === "" ? "" : ` -d '${summary}'`;
}
