// Checks the summary.csv of the quickstart: every run finished, and SOAP needed clearly fewer iterations than AdamW.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parse } from 'csv-parse/sync';

const rows = parse(readFileSync(process.argv[2], 'utf8'), { columns: true });
const problems = rows.filter(({ state }) => state !== 'finished').map(({ label, state }) => `${label} is ${state}`);
const soap = rows.find(({ label }) => label === 'soap');
const ratio = Number(soap?.steps_ratio);
if (!(ratio < 0.9)) problems.push(`soap needs ${ratio} of the baseline's iterations, expected less than 0.9`);
if (rows.length !== 3) problems.push(`${rows.length} runs, expected 3`);
process.stdout.write(
  problems.length === 0 ? `quickstart: soap ${ratio.toFixed(2)}× the iterations\n` : `${problems.join('\n')}\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
