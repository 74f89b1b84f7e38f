export interface ConfirmFormProps {
  /** Where the order goes. */
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly submit: string;
  readonly cancel: { readonly href: string; readonly label: string };
}

/** The last gesture before an order: all that was chosen is in it, and the way back stands beside. */
export const ConfirmForm = ({ action, hidden, submit, cancel }: ConfirmFormProps) => (
  <form method="post" action={action} class="actions">
    {Object.entries(hidden).map(([field, value]) => (
      <input key={field} type="hidden" name={field} value={value} />
    ))}
    <button type="submit" class="primary" data-command>
      {submit}
    </button>
    <a class="button" href={cancel.href}>
      {cancel.label}
    </a>
  </form>
);
