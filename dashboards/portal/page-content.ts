import type { BuildingAnswer, HomeAnswer, HomeDetailsAnswer } from '#contract/routes/housing.ts';
import type { OverrideAnswer, StreetAnswer } from '#contract/routes/lighting.ts';
import type { BindingCheckContent, CommissioningContent, DeviceContent } from './commissioning-content.ts';
import type { Language } from './words/formats.ts';

/** What surrounds every page. */
export interface PageFrame {
  readonly language: Language;
  /** Address of this page, where the language links come back. */
  readonly path: string;
  readonly field: 'simulated' | 'real';
  readonly clockSpeed: number;
  /** Instant the page was made, ISO 8601. */
  readonly now: string;
  readonly helpPhone: string;
  readonly reader: Reader;
}

export type Reader =
  | { readonly kind: 'visitor' }
  | { readonly kind: 'staff'; readonly displayName: string; readonly roles: readonly ('technician' | 'landlord' | 'admin')[] }
  | { readonly kind: 'tenant' };

/** Names of the two files that a page asks for. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

/** What was typed in the acting form, as it was typed. */
export interface ActingFields {
  readonly target: string;
  readonly level: string;
  readonly end: string;
  readonly date: string;
  readonly time: string;
  readonly reason: string;
}

export type ActingError = 'target' | 'level' | 'end' | 'date' | 'reason';

/** An override that was understood, not sent yet. */
export interface OverrideDraft {
  readonly fields: ActingFields;
  readonly levelPercent: number;
  readonly endsAt: string;
}

/** Why the API refused an order, in its own words. */
export interface Refusal {
  readonly code: string;
  readonly what: string;
  readonly next: string;
}

export type SignInProblem = 'refused' | 'slowed' | 'incomplete';
export type HomeSignInProblem = 'wrong-code' | 'wrong-digits' | 'shape' | 'wait';
export type FailureKind = 'not-found' | 'forged' | 'slowed' | 'unavailable' | 'other';

/** Everything a page says, as data: the server bundle turns it into HTML. */
export type PageContent =
  | { readonly page: 'doors' }
  | { readonly page: 'sign-in'; readonly email: string; readonly problem: SignInProblem | null }
  | { readonly page: 'failure'; readonly failure: FailureKind; readonly code: string }
  | { readonly page: 'lighting'; readonly streets: readonly StreetAnswer[] }
  | {
      readonly page: 'street';
      readonly street: StreetAnswer;
      readonly fields: ActingFields;
      readonly errors: readonly ActingError[];
      readonly refusal: Refusal | null;
    }
  | { readonly page: 'override-check'; readonly street: StreetAnswer; readonly draft: OverrideDraft }
  | { readonly page: 'override'; readonly street: StreetAnswer; readonly override: OverrideAnswer }
  | CommissioningContent
  | DeviceContent
  | BindingCheckContent
  | { readonly page: 'estate'; readonly buildings: readonly BuildingAnswer[] }
  | { readonly page: 'building'; readonly building: BuildingAnswer }
  | {
      readonly page: 'home-sign-in';
      /** Null until the code was typed: the digits are asked on their own. */
      readonly code: string | null;
      readonly problem: HomeSignInProblem | null;
    }
  | { readonly page: 'home'; readonly home: HomeAnswer }
  | { readonly page: 'home-details'; readonly details: HomeDetailsAnswer };

/** What the server bundle exports. */
export interface PageRenderer {
  renderPage(frame: PageFrame, content: PageContent, assets: PageAssets): string;
}
