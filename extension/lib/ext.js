/**
 * Every call of an extension API, and what differs between browsers. The rest of the shell calls nothing but this.
 */

const ALARM = 'wake';
/** The shortest that browsers allow; what is left when the watch page is gone as well. */
const ALARM_MINUTES = 0.5;
const WATCH_PAGE = 'watch/watch.html';

/** @typedef {chrome.runtime.Port} Port */
/** @typedef {chrome.runtime.MessageSender} Sender */

// Events. Each is called once, while the worker's script runs for the first time.

/** @param {(first: boolean) => void} listener `first`: not an update */
export const onInstalled = (listener) =>
  chrome.runtime.onInstalled.addListener(({ reason }) => listener(reason === 'install'));

/** @param {() => void} listener */
export const onBrowserStart = (listener) => chrome.runtime.onStartup.addListener(() => listener());

/** Without a listener the browser updates an extension that is always busy only as it starts. @param {() => void} listener */
export const onUpdate = (listener) => chrome.runtime.onUpdateAvailable.addListener(() => listener());

/** @param {() => void} listener */
export const onAlarm = (listener) => chrome.alarms.onAlarm.addListener(() => listener());

/** @param {(message: unknown, sender: Sender, reply: (answer: unknown) => void) => boolean} listener true: a reply follows */
export const onMessage = (listener) => chrome.runtime.onMessage.addListener(listener);

/** The permission may come later than the worker. @param {(about: string) => void} listener */
export function onNotificationClick(listener) {
  const clicked = (/** @type {string} */ id) => {
    chrome.notifications.clear(id);
    listener(id.slice(id.indexOf(' ') + 1));
  };
  const listen = () => {
    if (chrome.notifications && !chrome.notifications.onClicked.hasListener(clicked)) {
      chrome.notifications.onClicked.addListener(clicked);
    }
  };
  listen();
  chrome.permissions.onAdded.addListener(listen);
}

/** @param {() => void} listener */
export function onPermissionsChange(listener) {
  chrome.permissions.onAdded.addListener(() => listener());
  chrome.permissions.onRemoved.addListener(() => listener());
}

/** @param {(port: Port) => void} listener */
export const onConnect = (listener) => chrome.runtime.onConnect.addListener(listener);

// This extension.

/** Ends everything of this extension and starts it again, updated if the browser holds an update ready. */
export const reload = () => chrome.runtime.reload();

/** @returns {string} the id */
export const ownId = () => chrome.runtime.id;

/** @param {string} path from the extension's root */
export const url = (path) => chrome.runtime.getURL(path);

// Storage. Values are text that Rust made: other types come back changed. Asynchronous, because a browser that takes an
// extension away throws at once.

/** Content scripts could read `storage.local` otherwise. Firefox has no such gate, and this extension no such script. */
export const closeStorage = () =>
  void chrome.storage.local.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' }).catch(report);

/** @param {string[]} keys @returns {Promise<Record<string, string | undefined>>} */
export const localRead = async (keys) => chrome.storage.local.get(keys);

/** All at once, or nothing. @param {Record<string, string>} items */
export const localWrite = async (items) => chrome.storage.local.set(items);

/** @param {string[]} keys */
export const localRemove = async (keys) => chrome.storage.local.remove(keys);

/** @param {string[]} keys @returns {Promise<Record<string, string | undefined>>} */
export const sessionRead = async (keys) => chrome.storage.session.get(keys);

export const sessionKeys = async () => Object.keys(await chrome.storage.session.get());

/** @param {Record<string, string>} items */
export const sessionWrite = async (items) => chrome.storage.session.set(items);

export const sessionClear = () => chrome.storage.session.clear();

/** @param {string[]} keys */
export const sessionRemove = async (keys) => chrome.storage.session.remove(keys);

// What brings a dead worker back.

/** Creating it anew would start its countdown again. One that is too far ahead was set before the clock was set back. */
export async function ensureAlarm() {
  const alarm = await chrome.alarms.get(ALARM);
  const latest = Date.now() + 2 * ALARM_MINUTES * 60_000;
  if (alarm?.periodInMinutes === ALARM_MINUTES && alarm.scheduledTime <= latest) return;
  await chrome.alarms.create(ALARM, { periodInMinutes: ALARM_MINUTES });
}

export async function clearAlarm() {
  await chrome.alarms.clear(ALARM);
}

/** Absent in Firefox, where the alarm must do. */
export async function ensureWatchPage() {
  if (!chrome.offscreen || (await hasWatchPage())) return;
  await chrome.offscreen.createDocument({
    url: WATCH_PAGE,
    reasons: ['WORKERS'],
    justification: 'Starts the background worker again when the browser has ended it, so that the stream goes on.',
  });
}

export async function closeWatchPage() {
  if (chrome.offscreen && (await hasWatchPage())) await chrome.offscreen.closeDocument();
}

async function hasWatchPage() {
  return (await chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] })).length > 0;
}

// What people see of it outside its pages.

/** @param {string} label at most four characters @param {string} colour */
export async function showBadge(label, colour) {
  await chrome.action.setBadgeText({ text: label });
  await chrome.action.setBadgeBackgroundColor({ color: colour });
  await chrome.action.setBadgeTextColor?.({ color: '#ffffff' });
}

/**
 * Nothing where it is not allowed. One of a kind is on screen at a time; what it is about outlives the worker in its id.
 *
 * @param {string} kind
 * @param {string} about
 * @param {string} title
 * @param {string} message
 */
export async function showNotification(kind, about, title, message) {
  if (!chrome.notifications) return;
  const id = `${kind} ${about}`;
  await clearNotifications(kind, id);
  const icon = url('icons/128.png');
  await chrome.notifications.create(id, { type: 'basic', iconUrl: icon, title, message, silent: true });
}

/** Those of a kind. @param {string} kind @param {string} [except] */
export async function clearNotifications(kind, except) {
  if (!chrome.notifications) return;
  const shown = Object.keys(await chrome.notifications.getAll());
  const old = shown.filter((id) => id.startsWith(`${kind} `) && id !== except);
  await Promise.all(old.map((id) => chrome.notifications.clear(id)));
}

// Permissions.

/** @param {string} origin a match pattern */
export const isPermitted = (origin) => chrome.permissions.contains({ origins: [origin] });

/**
 * Asks the person; must be called at once in the handler of a click.
 *
 * @param {{ origins?: string[], permissions?: 'notifications'[] }} wanted
 */
export const askPermission = (wanted) => chrome.permissions.request(wanted);

// Pages.

/** @param {string} key @param {string[]} values */
export const message = (key, values) => chrome.i18n.getMessage(key, values);

/** @param {unknown} request @returns {Promise<unknown>} */
export const send = (request) => chrome.runtime.sendMessage(request);

/** Whether the worker runs; true where the browser does not tell. */
export async function isAwake() {
  const running = await chrome.runtime.getContexts?.({ contextTypes: ['BACKGROUND'] });
  return running?.length !== 0;
}

/** @param {string} name */
export const connect = (name) => chrome.runtime.connect({ name });

export const openOptions = () => chrome.runtime.openOptionsPage();

/** Shows the page of the first run. */
export const openWelcome = () => openTab('welcome/welcome.html');

/** Shows the dashboard. @param {string} [entry] of the log */
export const openDashboard = (entry) => openTab('dashboard/dashboard.html', entry ? `#entry=${entry}` : '');

/** Shows a page in its tab, if it has one. @param {string} path @param {string} [place] within the page */
async function openTab(path, place = '') {
  const page = url(path);
  const open = (await chrome.runtime.getContexts?.({ contextTypes: ['TAB'] })) ?? [];
  const there = open.find(({ documentUrl }) => documentUrl?.split('#')[0] === page);
  if (!there) return void (await chrome.tabs.create({ url: page + place }));
  await chrome.tabs.update(there.tabId, place ? { active: true, url: page + place } : { active: true });
  await chrome.windows.update(there.windowId, { focused: true });
}

/** Opens the dashboard beside the pages of this page's window; at once in the handler of a click. */
export const openSidePanel = (/** @type {number} */ windowId) => chrome.sidePanel.open({ windowId });

/** The window of this page's tab, where a side panel can be opened in it; not in a side panel, nor in Firefox. */
export const windowForSidePanel = async () =>
  chrome.sidePanel ? (await chrome.tabs.getCurrent())?.windowId : undefined;

/** A call that failed and that nobody waits for. @param {unknown} error */
export const report = (error) => console.warn('cuewire:', error);
