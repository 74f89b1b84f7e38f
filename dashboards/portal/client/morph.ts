/**
 * Makes a living element equal to a newer one without replacing what did not change: focus, what was typed, open details
 * and scroll stay. Children are matched by `id`, else by place and tag. An element marked `data-keep` belongs to its
 * reader: it is left alone.
 */
export const morph = (living: Element, newer: Element): void => {
  if (living.hasAttribute('data-keep') && newer.hasAttribute('data-keep')) return;
  morphAttributes(living, newer);
  morphChildren(living, newer);
};

const READERS_OWN: Readonly<Record<string, readonly string[]>> = {
  DETAILS: ['open'],
  INPUT: ['value', 'checked'],
  BUTTON: ['disabled'],
};

const morphAttributes = (living: Element, newer: Element): void => {
  const kept = READERS_OWN[living.tagName] ?? [];
  for (const name of living.getAttributeNames())
    if (!newer.hasAttribute(name) && !kept.includes(name)) living.removeAttribute(name);
  for (const name of newer.getAttributeNames()) {
    const value = newer.getAttribute(name) ?? '';
    if (!kept.includes(name) && living.getAttribute(name) !== value) living.setAttribute(name, value);
  }
};

const isSame = (a: Node, b: Node): boolean => {
  if (a.nodeType !== b.nodeType) return false;
  if (!(a instanceof Element) || !(b instanceof Element)) return true;
  return a.tagName === b.tagName && a.id === b.id;
};

const matchFor = (living: Element, from: ChildNode | null, newer: Node): ChildNode | null => {
  if (newer instanceof Element && newer.id !== '') {
    for (const child of living.children) if (child.id === newer.id && child.tagName === newer.tagName) return child;
    return null;
  }
  return from !== null && isSame(from, newer) ? from : null;
};

const morphChildren = (living: Element, newer: Element): void => {
  let next: ChildNode | null = living.firstChild;
  for (const wanted of newer.childNodes) {
    const found = matchFor(living, next, wanted);
    if (found === null) {
      living.insertBefore(document.importNode(wanted, true), next);
      continue;
    }
    if (found !== next) living.insertBefore(found, next);
    else next = next.nextSibling;
    if (found instanceof Element && wanted instanceof Element) morph(found, wanted);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (next !== null) {
    const surplus = next;
    next = next.nextSibling;
    surplus.remove();
  }
};
