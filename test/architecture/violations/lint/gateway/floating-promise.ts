const send = async (): Promise<void> => {
  await Promise.resolve();
};

export const start = (): void => {
  send();
};
