import type { Command, Option } from 'commander';

/** What may stand after a command, known from its declaration. */
interface Place {
  /** The words of the command: `optimizers explain`; empty for soap-bench itself. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
  /** Names that it takes: configurations, optimizers. */
  readonly names: readonly string[];
}

/**
 * The script with which a shell completes a program's commands, options, their choices and the names that commands take;
 * where nothing of these fits it offers files.
 * @param names What a command takes besides files, by the words of the command.
 */
export function completionScript(
  shell: 'bash' | 'zsh' | 'fish',
  program: Command,
  names: Readonly<Record<string, readonly string[]>>,
): string {
  const places = placesBelow(program, [], names);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program.name(), places);
}

function placesBelow(
  command: Command,
  path: readonly string[],
  names: Readonly<Record<string, readonly string[]>>,
): Place[] {
  const joined = path.join(' ');
  const { commands, options } = command;
  const own = [...(names[joined] ?? []), ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])];
  return [
    { path: joined, commands, options, names: own },
    ...commands.flatMap((child) => placesBelow(child, [...path, child.name()], names)),
  ];
}

const flagsOf = (options: readonly Option[]) => [
  ...options.flatMap(({ short, long }) => [long, short].filter((flag) => flag !== undefined)),
  '--help',
];

const wordsOf = ({ commands, options, names }: Place) =>
  [...commands.map((command) => command.name()), ...names, ...flagsOf(options)].join(' ');

/** What bash and zsh have in common: how a word goes on with a command, and what may stand after it. */
function cases(places: readonly Place[], previous: string): { goOn: string; candidates: string } {
  const choices = places.flatMap(({ path, options }) =>
    options.flatMap(({ argChoices, long }) =>
      argChoices === undefined ? [] : [`    '${path} ${long ?? ''}') candidates='${argChoices.join(' ')}' ;;`],
    ),
  );
  const commands = places.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`])).join(' | ');
  const words = places.map((place) => `    '${place.path}') candidates='${wordsOf(place)}' ;;`).join('\n');
  return {
    goOn: `    case "\${command:+$command }$word" in
      ${commands}) command=\${command:+$command }$word ;;
    esac`,
    candidates: `  case "$command" in
${words}
  esac
  case "$command ${previous}" in
${choices.join('\n')}
  esac`,
  };
}

function bashScript(name: string, places: readonly Place[]): string {
  const { goOn, candidates } = cases(places, '$previous');
  return `# Completion of ${name} for bash: source <(${name} completion bash)
_soap_bench() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' word candidates=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${goOn}
  done
${candidates}
  mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
}
complete -o default -F _soap_bench ${name}
`;
}

function zshScript(name: string, places: readonly Place[]): string {
  const { goOn, candidates } = cases(places, '${words[CURRENT-1]}');
  return `#compdef ${name}
# Completion of ${name} for zsh: source <(${name} completion zsh)
_soap_bench() {
  local command='' word candidates=''
  for word in \${words[2,CURRENT-1]}; do
${goOn}
  done
${candidates}
  compadd -- \${=candidates}
  _files
}
compdef _soap_bench ${name}
`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = places.flatMap(({ path, commands, options, names }) => {
    const children = commands.map((command) => command.name()).join(' ');
    const seen = path
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const open = path === '' ? '__fish_use_subcommand' : `not __fish_seen_subcommand_from ${children}`;
    const here = (condition: readonly string[]) => `complete -c ${name} -n ${quoted(condition.join('; and '))}`;
    const noChild = children === '' ? seen : [...seen, open];
    return [
      ...commands.map((command) => `${here(noChild)} -f -a ${command.name()} -d ${quoted(command.description())}`),
      ...(names.length > 0 ? [`${here(noChild)} -a ${quoted(names.join(' '))}`] : []),
      ...options.map(({ long, short, description, argChoices, required, optional }) => {
        const flags = [long && `-l ${long.replace(/^--/, '')}`, short && `-s ${short.replace(/^-/, '')}`];
        const value = argChoices ? ` -x -a ${quoted(argChoices.join(' '))}` : required || optional ? ' -r' : '';
        return `${here(seen.length === 0 ? ['true'] : seen)} ${flags.filter(Boolean).join(' ')}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return [`# Completion of ${name} for fish: ${name} completion fish | source`, ...lines].join('\n') + '\n';
}
