/*
 * `npm run build`: compiles src/ without ever taking a build away from a process that runs from it.
 *
 *   dist-<digest of the sources>/   a build, whole from the moment it has this name, and never changed again
 *   dist-current                    the name of the newest, which bin/soap-bench.js starts; children start from the same
 *   dist/                           the newest again (hard links), under the name that the package and imports have
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A run may last for weeks; builds share the files that do not differ, so that one costs little. */
const keptDays = 30;

const root = dirname(fileURLToPath(import.meta.url));
const at = (name) => join(root, name);
const own = process.pid;

const name = `dist-${digestOfSources()}`;
if (!existsSync(at(name))) compile(name);
if (readIfThere('dist/.build') !== name || readIfThere('dist-current') !== name) publish(name);
// A build that is wanted again counts as new.
utimesSync(at(name), new Date(), new Date());
removeOldBuilds(name);

/** Everything that decides what the compiler writes. */
function digestOfSources() {
  const hash = createHash('sha256');
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'build.js'];
  for (const file of [...settings, ...filesBelow('src').map((path) => join('src', path))]) {
    const content = readIfThere(file) ?? '';
    hash.update(`${file}\0${content.length}\0${content}`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Compiles into a folder of our own; a build with mistakes leaves everything as it was. */
function compile(target) {
  const fresh = `dist-new-${own}`;
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['-p', at('tsconfig.build.json'), '--noEmit', 'false', '--outDir', at(fresh)];
  try {
    execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
    shareFiles(fresh, readIfThere('dist-current') ?? '');
    writeFileSync(join(at(fresh), '.build'), target);
    moveTo(fresh, target);
  } catch (error) {
    // The compiler has said what is wrong.
    if (typeof error.status === 'number') process.exit(error.status);
    throw error;
  } finally {
    rmSync(at(fresh), { recursive: true, force: true });
  }
}

/** Takes the files that the last build has already. */
function shareFiles(fresh, earlier) {
  if (earlier === '' || !existsSync(at(earlier))) return;
  for (const file of filesBelow(fresh)) {
    const [ours, theirs] = [join(fresh, file), join(earlier, file)];
    if (!existsSync(at(theirs)) || !readFileSync(at(ours)).equals(readFileSync(at(theirs)))) continue;
    linkOrCopy(theirs, `${ours}.${own}`);
    renameSync(at(`${ours}.${own}`), at(ours));
  }
}

function publish(build) {
  const fresh = `dist-new-${own}`;
  for (const file of filesBelow(build)) {
    mkdirSync(dirname(at(join(fresh, file))), { recursive: true });
    linkOrCopy(join(build, file), join(fresh, file));
  }
  const old = `dist-old-${own}`;
  if (existsSync(at('dist'))) renameSync(at('dist'), at(old));
  moveTo(fresh, 'dist');
  for (const left of [old, fresh]) rmSync(at(left), { recursive: true, force: true });
  writeFileSync(at(`dist-current-${own}`), build);
  renameSync(at(`dist-current-${own}`), at('dist-current'));
}

function linkOrCopy(file, target) {
  try {
    linkSync(at(file), at(target));
  } catch {
    copyFileSync(at(file), at(target)); // Not every file system has hard links.
  }
}

/** Renames a folder, or leaves it when another build has come first. */
function moveTo(folder, target) {
  try {
    renameSync(at(folder), at(target));
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

function removeOldBuilds(newest) {
  for (const entry of readdirSync(root)) {
    if (!/^dist-([0-9a-f]{12}|(new|old)-\d+)$/.test(entry) || entry === newest) continue;
    const days = (Date.now() - statSync(at(entry)).mtimeMs) / 86_400_000;
    if (days > (entry.startsWith('dist-new-') || entry.startsWith('dist-old-') ? 1 : keptDays)) {
      rmSync(at(entry), { recursive: true, force: true });
    }
  }
}

/** Paths of all files below a folder, sorted. */
function filesBelow(folder) {
  return readdirSync(at(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(folder).length + 1))
    .sort();
}

function readIfThere(file) {
  try {
    return readFileSync(at(file), 'utf8');
  } catch {
    return undefined;
  }
}
