/** Buttons that would send an order: shut while the page may be old, with the reason beside them. */
export const allowCommands = (allowed: boolean): void => {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-command]')) button.disabled = !allowed;
  for (const reason of document.querySelectorAll<HTMLElement>('.command-reason')) reason.hidden = allowed;
};
