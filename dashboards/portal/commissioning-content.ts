import type { CommissionedDevice, CommissioningAnswer, MeteredPoint } from '#contract/routes/commissioning.ts';
import type { ErrorAnswer } from '#contract/routes/fields.ts';

/** What was just done: said once, at the top of the page it led to. */
export const DEEDS = ['column-bound', 'meter-bound', 'released', 'declared', 'withdrawn'] as const;
export interface Deed {
  readonly what: (typeof DEEDS)[number];
  readonly object: string;
}

export type CommissioningError = 'column' | 'point' | 'date' | 'unit' | 'channel' | 'profile' | 'lines';

/** What was typed, as it was typed. */
export interface DeclarationFields {
  readonly bus: string;
  readonly profile: string;
  readonly unit: string;
  readonly channel: string;
  readonly lines: string;
}

export interface BindingFields {
  readonly column: string;
  readonly search: string;
  readonly point: string;
  readonly when: 'now' | 'date';
  readonly date: string;
  readonly time: string;
}

interface Said {
  readonly deed: Deed | null;
  readonly errors: readonly CommissioningError[];
  readonly refusal: ErrorAnswer | null;
}

export interface CommissioningContent extends Said {
  readonly page: 'commissioning';
  readonly commissioning: CommissioningAnswer;
  /** Null where nothing was typed. */
  readonly fields: DeclarationFields | null;
}

export interface DeviceContent extends Said {
  readonly page: 'commissioned-device';
  readonly commissioning: CommissioningAnswer;
  readonly device: CommissionedDevice;
  readonly fields: BindingFields;
}

/** A binding that was understood, not done yet. */
export interface BindingCheckContent {
  readonly page: 'binding-check';
  readonly commissioning: CommissioningAnswer;
  readonly device: CommissionedDevice;
  readonly fields: BindingFields;
  readonly binding:
    | { readonly kind: 'column'; readonly label: string }
    | { readonly kind: 'meter'; readonly point: MeteredPoint; readonly from: string };
}
