import { z } from 'zod';
import { checkReferences } from './references.ts';
import { luminaireModel, siteSection } from './site-section.ts';

/** The assets of a field as one YAML document; `housing` is the section of `control/housing/`. */
export const assetsFileWith = <H extends z.ZodType>(housing: H) =>
  z
    .strictObject({
      luminaireModels: z.array(luminaireModel).default([]),
      sites: z.array(siteSection).min(1),
      housing,
    })
    .superRefine((file, context) => {
      for (const { path, message } of checkReferences(file)) context.addIssue({ code: 'custom', path: [...path], message });
    });
