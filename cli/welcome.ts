/** An account of the demonstration, as its secrets are said at start. */
export type WelcomedAccount =
  | { readonly role: 'technician' | 'landlord' | 'admin'; readonly email: string; readonly password: string }
  | {
      readonly role: 'tenant';
      readonly displayName: string;
      readonly dwelling: string;
      readonly letterCode: string;
      readonly digits: string;
    };

export interface Welcome {
  readonly version: string;
  readonly portal: string;
  readonly accounts: readonly WelcomedAccount[];
}

const doorOf = (portal: string, account: WelcomedAccount): string =>
  account.role === 'tenant'
    ? `tenant      ${portal}/chez-moi/entrer  code ${account.letterCode}, digits ${account.digits}  (${account.displayName})`
    : `${account.role.padEnd(11)} ${portal}/connexion  ${account.email}  ${account.password}`;

/** What a person reads at readiness: the address, and the doors of a demonstration. */
export const welcomeText = ({ version, portal, accounts }: Welcome): string =>
  ['', `  Axone ${version} is ready: ${portal}`, ...accounts.map((account) => `  ${doorOf(portal, account)}`), ''].join('\n');
