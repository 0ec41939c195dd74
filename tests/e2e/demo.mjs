/**
 * The demo: simulator, browser, extension and agent desktop, set up as a person would and streaming. `cargo xtask demo`
 * builds everything and starts this.
 *
 * With a display it stays open until the browser is closed. Without one it runs for a set time, prints a line a second,
 * takes pictures into `target/demo/`, and exits with an error if a card was missed or doubled.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Browser } from './lib/browser.mjs';
import { root } from './lib/environment.mjs';
import { connection } from './lib/pages/options.mjs';
import { publishedTraffic, signInAtSimulator } from './lib/pages/published.mjs';
import { judgedBy, putInForce } from './lib/pages/rules.mjs';
import { Simulator } from './lib/peers/simulator.mjs';
import { summary } from './lib/trials/verdict.mjs';
import { sleep, until } from './lib/wait.mjs';

/** @typedef {import('./lib/peers/simulator.mjs').Report} Report */

const { values } = parseArgs({
  options: {
    headless: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    rules: { type: 'string' },
    service: { type: 'string', default: 'contract' },
  },
});
const seconds = Number(values.seconds);
const published = values.service === 'published';
const pictures = join(root, 'target/demo');

await mkdir(pictures, { recursive: true });
// By hand it goes on until the window is closed; a run that is judged ends.
const length = values.headless ? ['--seconds', values.seconds] : [];
const usual = ['--rate', values.rate, '--due-per-minute', '30'];
const traffic = ['--seed', values.seed, ...(published ? publishedTraffic : usual)];
// With a rule set more interactions at once: each then lasts long enough for holds and windows of seconds.
const stories = values.rules === undefined ? [] : ['--concurrent', '100'];
const simulator = await Simulator.start([...traffic, ...length, ...stories, ...judgedBy(values.rules)]);
// No event comes before the rules are saved, because the rules that ship would fire for it.
if (values.rules !== undefined) await simulator.pause();
console.log(`simulator and agent desktop: ${simulator.url}/`);
const browser = await Browser.launch({ headless: values.headless, welcome: published });
try {
  const desktop = await browser.context.newPage();
  await desktop.goto(`${simulator.url}/`);
  if (published) await signInAtSimulator(browser, simulator);
  else await browser.configure(connection(simulator));
  console.log(published ? 'signed in; waiting for the polls' : 'options saved; waiting for the stream');
  if (values.rules !== undefined) await putInForce(browser, values.rules);
  const popup = await browser.popup();
  const state = published ? 'Watching' : 'Streaming';
  await until(`it is ${state}`, async () => (await popup.read()).state === state);
  if (values.rules !== undefined) await simulator.resume();

  if (values.headless) {
    for (let second = 1; second <= seconds; second += 1) {
      await sleep(1_000);
      console.log(line(second, await popup.read(), await simulator.report()));
    }
    // A contact of the published service has its agent for minutes, and a poll comes each 10 to 20 s.
    const within = published ? { within: 180_000 } : {};
    const report = await simulator.settled(within).catch(() => simulator.report());
    console.log(line(seconds, await popup.read(), report));
    await picture(desktop, 'desktop');
    await picture(popup.page, 'popup', { width: 360, height: 560 });
    await picture((await browser.options()).page, 'options');
    console.log(`pictures: ${pictures}`);
    await simulator.stop();
    console.log(simulator.lines.slice(1).join('\n'));
    console.log(summary(report));
    if (report.due === 0) throw new Error('no card was due: this shows nothing; make the run longer');
    if (report.missed > 0 || report.duplicated > 0) throw new Error('a card was missed, or came twice');
    if ((report.published?.wrongAgent ?? 0) > 0) throw new Error('a message went to the wrong agent');
    if (report.notDue > 0) throw new Error(`a card that was not due: ${report.notDueIds}`);
  } else {
    await desktop.bringToFront();
    console.log('close the browser to end it');
    await new Promise((resolve) => browser.context.once('close', resolve));
    await simulator.stop();
    console.log(simulator.lines.slice(1).join('\n'));
  }
} catch (error) {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  for (const line of browser.errors) console.error(`in the browser: ${line}`);
  process.exitCode = 1;
} finally {
  await browser.close().catch(() => {});
  await simulator.stop();
}

/**
 * @param {number} second
 * @param {import('./lib/pages/popup.mjs').Shown} shown
 * @param {Report} report
 */
function line(second, shown, report) {
  const { state, events, triggers, delivered, waiting, givenUp } = shown;
  const cards = `cards ${delivered} delivered, ${waiting} waiting, ${givenUp} given up`;
  return `${String(second).padStart(4)} s  ${state}  events ${events}  triggers ${triggers}  ${cards}  p99 ${report.latencyMs.p99} ms`;
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {{ width: number, height: number }} [size]
 */
async function picture(page, name, size = { width: 1280, height: 800 }) {
  await page.setViewportSize(size);
  await page.bringToFront();
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: name === 'options' });
}
