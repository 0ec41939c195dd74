/**
 * Where the browser, the extension and the simulator are. `cargo xtask test` names them; a test that is run by hand finds
 * them where `cargo xtask build` puts them.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The repository's root. */
export const root = resolve(import.meta.dirname, '../../..');

/** The unpacked development build. */
export const extensionFolder = process.env.CUEWIRE_EXTENSION ?? join(root, 'dist/chrome-dev');

/** The build to which no host is granted at install. */
export const askingExtensionFolder = process.env.CUEWIRE_EXTENSION_ASKING ?? join(root, 'dist/chrome-asking');

/** The simulator's program. */
export const simulatorProgram = process.env.CUEWIRE_SIMULATOR ?? join(root, 'target/release/cxone-simulator');

/** The browser's program. */
export const chromiumProgram = process.env.CUEWIRE_CHROMIUM ?? onPath('chromium') ?? 'chromium';

/** Shortens the long runs; a verdict needs the full ones. */
export const quick = process.env.CUEWIRE_E2E_QUICK === '1';

/** The recorded traffic, which is not part of this repository: null where it is absent. */
export const recordedTraffic =
  [process.env.CUEWIRE_RECORDED, join(root, '../shared/data/support-week-a.ndjson.gz')].find(
    (file) => file !== undefined && existsSync(file),
  ) ?? null;

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
