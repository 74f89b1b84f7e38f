export const quiet = (work: Promise<void>): Promise<void> => work.catch(() => {});

export const silent = (work: () => void): void => {
  try {
    work();
  } catch {}
};
