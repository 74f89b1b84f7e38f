import type { CivilDate, CivilTime } from '#domain/civil-time.ts';
import type { InstallationCategory } from '#domain/lighting/law-rule.ts';
import type { Photometry } from '#domain/lighting/photometry.ts';

/** Nights on which a mayor or a prefect lets the hours be exceeded. */
export interface Derogation {
  readonly from: CivilDate;
  /** Its last night; absent, it is no derogation. */
  readonly to?: CivilDate;
  readonly decision: string;
}

/** What an assignment lights, as far as it is known. */
export interface Installation {
  readonly category: InstallationCategory;
  /** When the activity or the opening ends, and begins in the morning. */
  readonly endsAt?: CivilTime;
  readonly beginsAt?: CivilTime;
  readonly derogations?: readonly Derogation[];
  readonly photometry?: Photometry;
  /** The darkest class that it may have while it is lit. */
  readonly leastClass?: string;
  readonly colourTemperatureK?: number;
}
