/**
 * A stream on which next to nothing is said, and one that falls silent. `cargo xtask quiet` builds everything and starts this.
 *
 * An attached debugger keeps a worker alive, and Playwright attaches to every worker. So each browser is set up with
 * Playwright, ended, and started again on the same profile as a plain program without any remote debugging; what happens in
 * it is seen by the simulator alone.
 *
 * 1. *Quiet*: one event every two minutes. The stream stays the same one for the whole run: the worker did not die.
 * 2. *Control*: the same, but the extension's copy makes no API call to stay alive. Its worker does die, again and again: the
 *    first result is the extension's doing, and this setup can tell.
 * 3. *Half-open*, after 20 events a second, and after one each 5 s: the server falls silent and keeps the socket. A new stream
 *    is open at most 45 s after the last thing that was heard.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Browser } from './lib/browser.mjs';
import { extensionFolder } from './lib/environment.mjs';
import { calm, unhappy } from './lib/events.mjs';
import { connection } from './lib/pages/options.mjs';
import { Simulator } from './lib/peers/simulator.mjs';
import { sleep, until } from './lib/wait.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '6' } } });
const minutes = Number(values.minutes);

/** Milliseconds. */
const BETWEEN_EVENTS = 120_000;
const LONGEST_SILENCE = 45_000;

/** What was not as promised. @type {string[]} */
const broken = [];
/** What is to be ended. @type {(() => Promise<unknown>)[]} */
const endings = [];

try {
  const scenes = [
    { name: 'quiet', rate: 0.01, folder: extensionFolder, play: quiet },
    { name: 'control', rate: 0.01, folder: await withoutKeepAlive(), play: control },
    { name: 'half-open after 20 events/s', rate: 20, folder: extensionFolder, play: halfOpen },
    { name: 'half-open after 1 event each 5 s', rate: 0.2, folder: extensionFolder, play: halfOpen },
  ];
  // Set up one after another, which takes the machine; then all wait together, which takes nothing.
  const ready = [];
  for (const { name, rate, folder, play } of scenes) ready.push({ name, play, ...(await setUp(rate, folder)) });
  await Promise.all(ready.map(({ name, simulator, streams, play }) => play(name, simulator, streams)));
} catch (error) {
  broken.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await Promise.allSettled(endings.reverse().map((end) => end()));
}
for (const line of broken) console.log(`BROKEN: ${line}`);
console.log(broken.length === 0 ? 'quiet: as promised' : 'quiet: NOT as promised');
if (broken.length > 0) process.exitCode = 1;

/**
 * A browser that nobody is attached to, and that streams.
 *
 * @param {number} rate events a second
 * @param {string} folder the extension's
 */
async function setUp(rate, folder) {
  const simulator = await Simulator.start(['--rate', String(rate)]);
  endings.push(() => simulator.stop());
  const browser = await Browser.launch({ folder });
  endings.push(() => browser.close());
  await browser.configure(connection(simulator));
  await browser.quit();
  await until('the first stream is gone', async () => (await simulator.report()).streamsOpen === 0);
  const before = (await simulator.report()).streamsOpened;
  const unattended = await browser.startUnattended();
  endings.push(() => unattended.quit());
  await until('it streams', async () => (await simulator.report()).streamsOpen === 1, { within: 60_000 });
  /** How many streams there were since. */
  const streams = async () => (await simulator.report()).streamsOpened - before;
  return { simulator, streams };
}

/** @param {string} name @param {Simulator} simulator @param {() => Promise<number>} streams */
async function quiet(name, simulator, streams) {
  await simulator.pause();
  const events = Math.floor((minutes * 60_000) / BETWEEN_EVENTS);
  const rest = minutes * 60_000 - events * BETWEEN_EVENTS;
  for (let event = 0; event < events; event += 1) {
    await sleep(BETWEEN_EVENTS);
    await simulator.send(calm(`quiet-${event}`));
  }
  await sleep(rest);
  const opened = await streams();
  await simulator.send(unhappy('after the quiet'));
  await until('the card of the event that ends the quiet', async () => (await simulator.report()).delivered === 1);
  console.log(
    `${name}: ${minutes} min with ${events} events; streams opened ${opened}, and the next event got its card`,
  );
  if (opened !== 1) broken.push(`the quiet stream was opened ${opened} times: its worker died`);
}

/** @param {string} name @param {Simulator} simulator @param {() => Promise<number>} streams */
async function control(name, simulator, streams) {
  await simulator.pause();
  const length = Math.min(minutes, 2);
  await sleep(length * 60_000);
  const opened = await streams();
  console.log(`${name}: ${length} min without the API call that keeps the worker alive; streams opened ${opened}`);
  if (opened < 2) broken.push('without its keep-alive the worker lived on: this setup shows nothing');
}

/** @param {string} name @param {Simulator} simulator @param {() => Promise<number>} streams */
async function halfOpen(name, simulator, streams) {
  await sleep(60_000);
  // Right after an event, so that the silence begins with what was heard last.
  const { eventsSent } = await simulator.report();
  await until('one more event', async () => (await simulator.report()).eventsSent > eventsSent, { every: 10 });
  await simulator.fault('silent');
  const silentAt = await simulator.now();
  const streamsBefore = await streams();
  const opened = await until(
    'a new stream',
    async () => {
      const asked = await simulator.requests({ kind: 'stream' });
      return asked.find(({ atMs, status }) => atMs > silentAt && status === 101);
    },
    { within: 2 * LONGEST_SILENCE },
  );
  const took = (opened.answeredAtMs ?? opened.atMs) - silentAt;
  console.log(`${name}: a new stream ${(took / 1_000).toFixed(1)} s after the last event`);
  if (took > LONGEST_SILENCE) broken.push(`${name}: it took ${took} ms`);
  if (streamsBefore !== 1) broken.push(`${name}: ${streamsBefore} streams before there was a fault`);
}

/** A copy of the extension that makes no API call to stay alive, and whose alarm is too late for that as well. */
async function withoutKeepAlive() {
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-control-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  await cp(extensionFolder, folder, { recursive: true });
  await change(join(folder, 'lib/engine.js'), /keepAlive: \(vitals\) => [^\n]*,\n/, 'keepAlive: () => {},\n');
  await change(join(folder, 'lib/browser/ext.js'), /ALARM_MINUTES = 0\.5/, 'ALARM_MINUTES = 1');
  return folder;
}

/** @param {string} file @param {RegExp} from @param {string} to */
async function change(file, from, to) {
  const before = await readFile(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has no ${from}: the control must be written anew`);
  await writeFile(file, after);
}
