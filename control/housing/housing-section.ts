import { z } from 'zod';
import { instantField, orderField, pointField } from '#contract/messages/fields.ts';
import type { HousingAssets } from '#contract/ports/housing-registry.ts';
import { dwellingParam, siteParam } from '#contract/routes/fields.ts';
import { civilDate, type Instant, parseInstant } from '#domain/civil-time.ts';
import { TARIFFS } from '#domain/energy/tariffs/catalogue.ts';
import { overlappingTenancy } from '#domain/housing/tenancy.ts';

const label = z.string().min(1).max(80);
const instantText = instantField.transform((text): Instant => parseInstant(text));
const period = { from: instantText, to: instantText.nullable().default(null) };

const sections = z.strictObject({
  dwellings: z.array(z.strictObject({ id: dwellingParam, site: siteParam, label, floor: label, point: pointField })).default([]),
  tenancies: z.array(z.strictObject({ id: orderField, dwelling: dwellingParam, tenant: label, ...period })).default([]),
  /** What tenants had already agreed to on paper. One value a day needs none. */
  consents: z.array(z.strictObject({ dwelling: dwellingParam, displayGrain: z.enum(['day', '30min']), ...period })).default([]),
  /** Without a choice the default tariff counts. */
  tariffChoices: z
    .array(
      z.strictObject({
        subject: z.union([dwellingParam, siteParam]),
        tariff: z.string().refine((id) => TARIFFS.has(id), `a tariff is one of: ${[...TARIFFS.keys()].join(', ')}`),
        from: z.iso.date().transform((text) => civilDate(text)),
      }),
    )
    .default([]),
});

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const repeated = (list: 'dwellings' | 'tenancies', ids: readonly string[]): Problem[] =>
  ids.flatMap((id, index) =>
    ids.indexOf(id) === index ? [] : [{ path: [list, index, 'id'], message: `"${id}" is written twice` }],
  );

const problemsOf = (housing: HousingAssets): Problem[] => {
  const known = new Set<string>(housing.dwellings.map(({ id }) => id));
  const unknown = (list: 'tenancies' | 'consents'): Problem[] =>
    housing[list].flatMap(({ dwelling }, index) =>
      known.has(dwelling) ? [] : [{ path: [list, index, 'dwelling'], message: `there is no dwelling "${dwelling}"` }],
    );
  const overlapping = overlappingTenancy(housing.tenancies);
  return [
    ...repeated(
      'dwellings',
      housing.dwellings.map(({ id }) => id),
    ),
    ...repeated(
      'tenancies',
      housing.tenancies.map(({ id }) => id),
    ),
    ...unknown('tenancies'),
    ...unknown('consents'),
    ...(overlapping === null
      ? []
      : [{ path: ['tenancies', housing.tenancies.indexOf(overlapping), 'from'], message: 'the tenancy before has not ended' }]),
  ];
};

/** The housing section of a field's assets file: dwellings, who lives there, what they agreed to. */
export const housingSection = sections
  .superRefine((housing, context) => {
    for (const { path, message } of problemsOf(housing)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .prefault({}) satisfies z.ZodType<HousingAssets, unknown>;
