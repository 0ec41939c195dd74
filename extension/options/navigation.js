/** The navigation follows what is read, and an address such as `options.html#rules` leads there. */

export function followScroll() {
  const sections = [...document.querySelectorAll('section[id]')];
  const links = [...document.querySelectorAll('nav a')];
  const mark = () => {
    const line = innerHeight * 0.3;
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const read = atEnd ? sections.at(-1) : sections.findLast((section) => section.getBoundingClientRect().top <= line);
    const current = `#${(read ?? sections[0])?.id}`;
    for (const link of links) {
      if (link.getAttribute('href') === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  };
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  addEventListener('scroll', soon, { passive: true });
  addEventListener('resize', soon);
  // Scroll here, because the browser looked for the place before the script had made the sections.
  const place = sections.find(({ id }) => `#${id}` === location.hash);
  place?.scrollIntoView({ behavior: 'instant' });
  mark();
}
