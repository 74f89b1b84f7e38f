import { z } from 'zod';
import type { HousingAssets } from '#contract/ports/housing-registry.ts';
import { checkDwellings, checkReferences } from './references.ts';
import { luminaireModel, siteSection } from './site-section.ts';

/** The assets of a field as one YAML document; `housing` is the section of `control/housing/`. */
export const assetsFileWith = (housing: z.ZodType<HousingAssets>) =>
  z
    .strictObject({
      luminaireModels: z.array(luminaireModel).default([]),
      sites: z.array(siteSection).min(1),
      housing,
    })
    .superRefine((file, context) => {
      const wrong = [...checkReferences(file), ...checkDwellings(file.sites, file.housing.dwellings)];
      for (const { path, message } of wrong) context.addIssue({ code: 'custom', path: [...path], message });
    });
