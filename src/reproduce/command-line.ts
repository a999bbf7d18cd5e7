/** Words as one types them into a shell: `npx soap-bench run a.yaml '~optimizers.soap'`. */
export function commandLine(words: readonly string[]): string {
  return ['npx', 'soap-bench', ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
