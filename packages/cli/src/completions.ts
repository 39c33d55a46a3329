import { UsageError, type Command, type CommandOption } from "./command.ts";

type Options = Readonly<Record<string, CommandOption>>;

/** @throws {UsageError} a shell that is not known. */
export function completionScript(
  shell: string | undefined,
  commands: ReadonlyMap<string, Command>,
  common: Options,
): string {
  const names = [...commands.keys(), "completions", "help"];
  const flags = new Map(
    [...commands.values()].map((command) => [command.name, Object.keys({ ...command.options, ...common })]),
  );
  const verbs = new Map(
    [...commands.values()].flatMap(({ name, verbs: words }) =>
      words === undefined ? [] : [[name, words] as const],
    ),
  );
  verbs.set("completions", ["bash", "zsh", "fish"]);
  verbs.set("help", [...commands.keys()]);
  if (shell === "bash" || shell === "zsh") return bash(names, flags, verbs, shell === "zsh");
  if (shell === "fish") return fish(commands, common);
  throw new UsageError("name the shell: flockwork completions bash, zsh or fish");
}

function bash(
  names: readonly string[],
  flags: ReadonlyMap<string, readonly string[]>,
  verbs: ReadonlyMap<string, readonly string[]>,
  zsh: boolean,
): string {
  const cases = [...flags].map(
    ([name, options]) => `    ${name}) words="${options.map((option) => `--${option}`).join(" ")}" ;;`,
  );
  const verbCases = [...verbs].map(([name, words]) => `    ${name}) verbs="${words.join(" ")}" ;;`);
  return [
    ...(zsh ? ["autoload -U +X bashcompinit && bashcompinit"] : []),
    "_flockwork() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${names.join(" ")}"`,
    '  else case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac fi",
    '  local verbs=""',
    '  if [ "$COMP_CWORD" -eq 2 ]; then case "${COMP_WORDS[1]}" in',
    ...verbCases,
    "  esac fi",
    '  case "$current" in',
    '    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    '    *) if [ -n "$verbs" ]; then COMPREPLY=($(compgen -W "$verbs" -- "$current")); elif [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi ;;',
    "  esac",
    "}",
    "complete -o filenames -F _flockwork flockwork",
  ].join("\n");
}

function fish(commands: ReadonlyMap<string, Command>, common: Options): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = [...commands.values()].flatMap(({ name, summary, options, verbs = [] }) => [
    `complete -c flockwork -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...(verbs.length === 0
      ? []
      : [`complete -c flockwork -n '__fish_seen_subcommand_from ${name}' -f -a ${quoted(verbs.join(" "))}`]),
    ...Object.entries({ ...options, ...common }).map(
      ([option, { short, says }]) =>
        `complete -c flockwork -n '__fish_seen_subcommand_from ${name}' -l ${option}${short === undefined ? "" : ` -s ${short}`} -d ${quoted(says)}`,
    ),
  ]);
  return [
    ...lines,
    "complete -c flockwork -n __fish_use_subcommand -a completions -d 'print the completions for bash, zsh or fish'",
    "complete -c flockwork -n '__fish_seen_subcommand_from completions' -f -a 'bash zsh fish'",
  ].join("\n");
}
