import type { Words } from '../words/words.ts';

/** The button of a form that orders something, and why it cannot be pressed while the page has lost its link. */
export const CommandAction = ({
  words,
  label,
  id,
  minor = false,
}: {
  readonly words: Words;
  readonly label: string;
  readonly id?: string;
  /** Not what most people came for. */
  readonly minor?: boolean;
}) => (
  <p class="actions">
    <button type="submit" class={minor ? undefined : 'primary'} data-command id={id}>
      {label}
    </button>
    <span class="command-reason" hidden>
      {words.frame.commandNeedsLink}
    </span>
  </p>
);
