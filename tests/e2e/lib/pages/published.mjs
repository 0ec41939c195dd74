/** The published service as a newcomer meets it: the welcome page, and the simulator's sign-in page. */
import { steps } from './welcome.mjs';

/** Who signs in at the simulator; see its README. */
const SUPERVISOR = { name: 'supervisor@cuewire.example', password: 'cuewire-demo-password', client: 'cuewire-public' };

/** What the simulator is started with to speak it: contacts enough that some are in trouble within a minute or two. */
export const publishedTraffic = ['--service', 'published', '--contacts', '60', '--due-share', '0.4'];

/**
 * From the welcome page to *Watching*: chooses the service, signs in, and saves.
 *
 * @param {import('../browser.mjs').Browser} browser started with its welcome page open
 * @param {{ url: string }} simulator
 */
export async function signInAtSimulator(browser, simulator) {
  const page = await browser.welcomePage();
  await page.getByLabel('Service', { exact: true }).selectOption('published');
  await page.getByLabel('Sign in', { exact: true }).selectOption('nice');
  const more = page.locator('details').filter({ hasText: 'Private gateway' });
  if ((await more.getAttribute('open')) === null) await more.locator('summary').click();
  await page.getByLabel('Client ID', { exact: true }).fill(SUPERVISOR.client);
  await page.getByLabel('Service address', { exact: true }).fill(`${simulator.url}/issuer`);
  const [window] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'Sign in with NICE' }).first().click(),
  ]);
  await window.getByLabel('User name', { exact: true }).fill(SUPERVISOR.name);
  await window.getByLabel('Password', { exact: true }).fill(SUPERVISOR.password);
  await window.getByRole('button', { name: 'Sign in', exact: true }).click();
  const passed = await steps(page);
  const failed = passed.filter(({ state }) => state === 'failed');
  if (failed.length > 0) throw new Error(`the connection test failed: ${failed.map(({ words }) => words).join('; ')}`);
  await page.getByRole('button', { name: 'Save and start' }).click();
  await page.getByText('Watching', { exact: true }).waitFor();
}

/**
 * The fields by which an access key signs in at the simulator, and goes on to do so after the browser was killed.
 *
 * @param {{ url: string }} simulator
 * @param {Record<string, string | boolean>} [more]
 */
export const withKeptKey = ({ url }, more = {}) => ({
  Service: 'published',
  'Sign in': 'accessKey',
  'Access key ID': 'SUPERVISORKEYSUPERVISORKEYSUPERVISORKEYSUPERVI====',
  'Access key secret': 'DEMOSECRETDEMOSECRETDEMOSECRETDEMOSECRETDEMOSE====',
  'Keep the access key': 'device',
  'Tenant ID': '11eb660f-4c6d-34a0-8733-0242ac110002',
  'Service address': `${url}/issuer`,
  ...more,
});
