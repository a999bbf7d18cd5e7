import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../files/atomic-file.js';
import type { CodeVersion } from '../../results/environment.js';
import { namesIn } from '../../files/folders.js';
import { readJson } from '../../results/read-run.js';

const submissionSchema = z.object({
  submitted_at: z.string(),
  /** What tasks were to be trained with. */
  code: z.object({ soap_bench: z.string(), git_commit: z.string().nullable(), git_dirty: z.boolean().nullable() }),
  /** The array jobs. Their elements are the tasks in this order. */
  jobs: z.array(z.object({ id: z.string(), tasks: z.array(z.string()) })),
});

/** submission.json: what was handed over to Slurm. */
export type Submission = z.output<typeof submissionSchema> & { readonly code: CodeVersion };

/** The folder of all submissions of a sweep. */
function submissionsFolder(sweep: string): string {
  return join(sweep, 'slurm');
}

/** The folder of a new submission, `slurm/<number>` in the sweep's. Creates nothing. */
export function newSubmissionFolder(sweep: string): string {
  return join(submissionsFolder(sweep), String((submissionNumbers(sweep).at(-1) ?? 0) + 1));
}

/** Where the jobs of a submission write what they say. */
export function logFolder(submission: string): string {
  return join(submission, 'logs');
}

/** The submissions of a sweep, the oldest first. */
export function readSubmissions(sweep: string): { folder: string; submission: Submission }[] {
  return submissionNumbers(sweep).flatMap((number) => {
    const folder = join(submissionsFolder(sweep), String(number));
    const submission = readSubmission(folder);
    return submission === undefined ? [] : [{ folder, submission }];
  });
}

/**
 * Reads what was handed over from a folder; undefined when that is not one of a submission.
 * @throws {SoapBenchError} `results_damaged`.
 */
export function readSubmission(folder: string): Submission | undefined {
  return readJson(submissionFile(folder), submissionSchema);
}

export function writeSubmission(folder: string, submission: Submission): void {
  writeFileAtomic(submissionFile(folder), JSON.stringify(submission, null, 2) + '\n');
}

function submissionFile(folder: string): string {
  return join(folder, 'submission.json');
}

function submissionNumbers(sweep: string): number[] {
  const numbers = namesIn(submissionsFolder(sweep)).map(Number);
  return numbers.filter((number) => Number.isInteger(number)).sort((a, b) => a - b);
}
