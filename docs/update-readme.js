// Puts what `soap-bench compare results/published/quickstart` prints into the README. Run by `npm run docs:readme`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = ['bin/soap-bench.js', 'compare', 'results/published/quickstart'];
const output = execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' }).trimEnd();

const readme = `${root}README.md`;
const block = /<!-- quickstart -->[^]*<!-- \/quickstart -->/;
const text = readFileSync(readme, 'utf8');
writeFileSync(
  readme,
  text.replace(block, () => `<!-- quickstart -->\n\n\`\`\`\n${output}\n\`\`\`\n\n<!-- /quickstart -->`),
);
