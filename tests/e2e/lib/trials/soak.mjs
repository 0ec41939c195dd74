/** What both soaks share: how long cards live, how one is played, and when it is as promised. */
import { VICTIMS } from './killer.mjs';

/** @typedef {import('../peers/simulator.mjs').Report} Report */

/** The card's time to live, in minutes; it bounds how long anything can take to settle. Long enough that none expires. */
export const TIME_TO_LIVE = 30;

/** The extension has had nothing to do for so many looks, half a second apart: it is done. */
export const IDLE_LOOKS = 20;

/**
 * Plays a soak, and ends browser and simulator whatever happens.
 *
 * @param {import('../browser.mjs').Browser} browser
 * @param {import('../peers/simulator.mjs').Simulator} simulator
 * @param {() => Promise<void>} soak
 */
export async function play(browser, simulator, soak) {
  try {
    await soak();
  } catch (error) {
    console.error(error instanceof Error ? `error: ${error.stack}` : error);
    console.error(JSON.stringify(await simulator.report().catch(() => null)));
    process.exitCode = 1;
  } finally {
    await browser.close().catch(() => {});
    await simulator.stop();
  }
}

/**
 * Prints each reason why a soak is not as promised, and sets the exit code: the reasons of this soak, and those of any.
 *
 * @param {(string | false)[]} own
 * @param {Report} last
 * @param {{ notDurable: number } | null | undefined} status what the popup shows
 * @param {import('./killer.mjs').Killer} killer
 * @param {string[]} errors of the browser
 */
export function conclude(own, last, status, killer, errors) {
  const notDurable = status?.notDurable ?? 0;
  const uncaught = errors.filter((line) => line.startsWith('uncaught'));
  const broken = [
    ...own,
    last.duplicated > 0 && `duplicated: ${last.duplicatedIds}`,
    last.notDue > 0 && `not due: ${last.notDueIds}`,
    last.strayRequests > 0 && `${last.strayRequests} stray requests`,
    notDurable > 0 && `${notDurable} triggers not durable`,
    uncaught.length > 0 && `in the browser: ${uncaught.slice(0, 5)}`,
    last.due === 0 && 'nothing was due',
    ...VICTIMS.filter((victim) => !killer.kills.some((kill) => kill.victim === victim)).map(
      (victim) => `no ${victim} was killed`,
    ),
  ].filter((line) => typeof line === 'string');
  for (const line of broken) console.log(`BROKEN: ${line}`);
  console.log(broken.length === 0 ? 'soak: nothing missed, nothing twice' : 'soak: NOT as promised');
  if (broken.length > 0) process.exitCode = 1;
}
