/**
 * Every call of an extension API, and what differs between browsers. The rest of the shell calls nothing but this.
 */

const ALARM = 'wake';
/** The shortest period that browsers allow. */
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

/** Without a listener the browser updates an always busy extension only when the browser starts. @param {() => void} listener */
export const onUpdate = (listener) => chrome.runtime.onUpdateAvailable.addListener(() => listener());

/** @param {() => void} listener */
export const onAlarm = (listener) => chrome.alarms.onAlarm.addListener(() => listener());

/** @param {(message: unknown, sender: Sender, reply: (answer: unknown) => void) => boolean} listener true: a reply follows */
export const onMessage = (listener) => chrome.runtime.onMessage.addListener(listener);

/** The notification permission may be granted after the worker has started. @param {(about: string) => void} listener */
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

// The extension itself.

/** Restarts the whole extension, and installs a pending update. */
export const reload = () => chrome.runtime.reload();

/** @returns {string} the id */
export const ownId = () => chrome.runtime.id;

/** @param {string} path from the extension's root */
export const url = (path) => chrome.runtime.getURL(path);

// Storage. Values are text from Rust, because other types come back changed. The functions are async, because a browser
// that removes the extension throws synchronously.

/** Otherwise content scripts could read `storage.local`. Firefox lacks the call, and Cuewire has no content script. */
export const closeStorage = () =>
  void chrome.storage.local.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' }).catch(report);

/** @param {string[]} keys @returns {Promise<Record<string, string | undefined>>} */
export const localRead = async (keys) => chrome.storage.local.get(keys);

/** Writes all items or none. @param {Record<string, string>} items */
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

// Alarm and watch page: they bring a dead worker back.

/** Keeps a good alarm, because creating it again restarts its countdown. An alarm too far ahead dates from before the
 * clock was set back. */
export async function ensureAlarm() {
  const alarm = await chrome.alarms.get(ALARM);
  const latest = Date.now() + 2 * ALARM_MINUTES * 60_000;
  if (alarm?.periodInMinutes === ALARM_MINUTES && alarm.scheduledTime <= latest) return;
  await chrome.alarms.create(ALARM, { periodInMinutes: ALARM_MINUTES });
}

export async function clearAlarm() {
  await chrome.alarms.clear(ALARM);
}

/** Firefox has no offscreen documents; there only the alarm wakes the worker. */
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

// Badge and notifications.

/** @param {string} label at most four characters @param {string} colour */
export async function showBadge(label, colour) {
  await chrome.action.setBadgeText({ text: label });
  await chrome.action.setBadgeBackgroundColor({ color: colour });
  await chrome.action.setBadgeTextColor?.({ color: '#ffffff' });
}

/**
 * Shows one notification per kind, and none without the permission. The id carries `about`, because the id outlives the
 * worker.
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

/** Clears the notifications of a kind. @param {string} kind @param {string} [except] */
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

// Requests.

/**
 * Has each connection to the published service closed after one request. Otherwise Chromium repeats a POST by itself, up
 * to four times, where a connection that was used before breaks without an answer (`ShouldResendRequest` of its
 * `HttpNetworkTransaction`), and NICE takes a repeated agent message for a second one. HTTP/2 ignores the header.
 */
export async function useFreshConnections() {
  await chrome.declarativeNetRequest?.updateSessionRules({
    removeRuleIds: [FRESH],
    addRules: [
      {
        id: FRESH,
        condition: { initiatorDomains: [new URL(url('')).host], urlFilter: '/inContactAPI/services/' },
        action: {
          type: 'modifyHeaders',
          requestHeaders: [{ header: 'connection', operation: 'set', value: 'close' }],
        },
      },
    ],
  });
}

/** The number of its rule, of which there is no other. */
const FRESH = 1;

// Signing in.

/** Where sign-in windows end; none where the browser opens none. @returns {string | undefined} */
export const redirectAddress = () => chrome.identity?.getRedirectURL();

/**
 * Opens a window in which a person signs in. The browser closes the window at the redirect address.
 *
 * @param {string} address
 * @returns {Promise<string>} the address at which the window ended
 */
export async function openSignIn(address) {
  const ended = await chrome.identity.launchWebAuthFlow({ url: address, interactive: true });
  if (!ended) throw new Error('the window ended without an address');
  return ended;
}

// Pages.

/** @param {string} key @param {string[]} values */
export const message = (key, values) => chrome.i18n.getMessage(key, values);

/** @param {unknown} request @returns {Promise<unknown>} */
export const send = (request) => chrome.runtime.sendMessage(request);

/** Whether the worker runs; true where the browser cannot say. */
export async function isAwake() {
  const running = await chrome.runtime.getContexts?.({ contextTypes: ['BACKGROUND'] });
  return running?.length !== 0;
}

/** @param {string} name */
export const connect = (name) => chrome.runtime.connect({ name });

export const openOptions = () => chrome.runtime.openOptionsPage();

export const openWelcome = () => openTab('welcome/welcome.html');

export const openRules = () => openTab('rules/rules.html');

/** @param {string | number} [entry] of the log */
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

/** Must be called synchronously in a click handler, because browsers open a side panel at no other time. */
export const openSidePanel = (/** @type {number} */ windowId) => chrome.sidePanel.open({ windowId });

/** The window in which a side panel can open: none for a page in a side panel, and none in Firefox. */
export const windowForSidePanel = async () =>
  chrome.sidePanel ? (await chrome.tabs.getCurrent())?.windowId : undefined;

/** Logs the failure of a call whose result nobody awaits. @param {unknown} error */
export const report = (error) => console.warn('cuewire:', error);
