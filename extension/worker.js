/**
 * The service worker (in Firefox, the event page): every listener is added here, at once, and forwards.
 *
 * A listener that is added later would miss the event that woke the worker.
 */
import { answer, crashed, follow, goOnline, permissionsChanged, update, wake, welcome } from './lib/engine.js';
import * as ext from './lib/browser/ext.js';
import { isFromOurselves, isRequest } from './lib/browser/messages.js';

ext.onInstalled((first) => (first ? welcome() : wake()));
ext.onBrowserStart(wake);
ext.onAlarm(wake);
ext.onPermissionsChange(permissionsChanged);
ext.onUpdate(update);
ext.onNotificationClick((entry) => void ext.openDashboard(entry).catch(ext.report));

ext.onMessage((message, sender, reply) => {
  if (!isFromOurselves(sender) || !isRequest(message)) return false;
  answer(message).then(reply);
  return true;
});

ext.onConnect((port) => {
  if (!isFromOurselves(port.sender)) return port.disconnect();
  port.postMessage({ kind: 'hello' });
  if (port.name === 'page') follow(port);
  if (port.name === 'watch') {
    port.onMessage.addListener((message) => goOnline(message?.online === true));
    port.onDisconnect.addListener(wake);
  }
  wake();
});

// A worker gets these from its watch page; Firefox's event page gets them itself.
self.addEventListener('online', () => goOnline(true));
self.addEventListener('offline', () => goOnline(false));

self.addEventListener('error', (event) => crashed(event.error));
self.addEventListener('unhandledrejection', (event) => crashed(event.reason));

ext.closeStorage();
ext.useFreshConnections().catch(ext.report);
wake();
