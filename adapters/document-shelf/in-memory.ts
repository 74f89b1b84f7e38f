import type { DocumentShelf } from '#contract/ports/document-shelf.ts';

/** For tests, and for a field alone that keeps nothing. */
export const createMemoryShelf = (): DocumentShelf => {
  const documents = new Map<string, string>();
  return {
    get: (name) => Promise.resolve(documents.get(name) ?? null),
    put: (name, text) => {
      documents.set(name, text);
      return Promise.resolve();
    },
  };
};
