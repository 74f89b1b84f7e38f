import path from 'node:path';
import { cruise, type ICruiseResult, type IReporterOutput } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { ROOT } from './tree.ts';

export interface ImportViolation {
  readonly clause: string;
  readonly from: string;
  readonly to: string;
}

const isResult = (output: IReporterOutput['output']): output is ICruiseResult => typeof output !== 'string';

/** Reads every import under a folder against `.dependency-cruiser.cjs`; paths are relative to that folder. */
export const cruiseImports = async (folder: string): Promise<{ violations: readonly ImportViolation[]; modules: number }> => {
  const options = await extractDepcruiseOptions(path.join(ROOT, '.dependency-cruiser.cjs'));
  const { output } = await cruise(['.'], { ...options, baseDir: folder }, undefined, {
    tsConfig: extractTsConfig(path.join(folder, 'tsconfig.json')),
  });
  if (!isResult(output)) throw new TypeError('dependency-cruiser answered text instead of its result');
  const { violations, totalCruised } = output.summary;
  return { modules: totalCruised, violations: violations.map(({ rule, from, to }) => ({ clause: rule.name, from, to })) };
};

/** Names of the clauses of the import rule. */
export const importClauses = async (): Promise<readonly string[]> => {
  const { ruleSet } = await extractDepcruiseOptions(path.join(ROOT, '.dependency-cruiser.cjs'));
  return (ruleSet?.forbidden ?? []).map((clause) => clause.name ?? 'unnamed');
};
