import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { START_HELP } from '../../cli/start-options.ts';
import { keptFiles, ROOT, readText } from './tree.ts';

const HAND_WRITTEN = keptFiles().filter((file) => file.endsWith('.md') && !file.startsWith('test/'));
const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };

/** Command lines of the shell fences of a page. */
const commandsOf = (page: string): readonly string[] =>
  [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, body]) => (body ?? '').split('\n'))
    .filter((line) => line.trim() !== '');

/** Text of a page that is code: its shell fences and its code words. */
const codeOf = (page: string): string =>
  [...commandsOf(page), ...[...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '')].join('\n');

/** Names of npm scripts that a page's commands and code words run. */
const scriptsOf = (page: string): readonly string[] =>
  [...codeOf(page).matchAll(/\bnpm (?:run )?([a-z]+)\b/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'install' && name !== 'ci');

const unknownScripts = (page: string): readonly string[] => scriptsOf(page).filter((name) => !(name in scripts));

/** Relative links of a page that lead nowhere. */
const brokenLinks = (file: string, page: string): readonly string[] =>
  [...page.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(path.join(ROOT, path.dirname(file), target)));

describe('README', () => {
  const readme = readText('README.md');

  test('opens with one sentence and the two commands, within the first screen', () => {
    const screen = readme.split('\n').slice(0, 25).join('\n');
    expect(screen).toMatch(/^# Axone\n\nAn open platform [^\n]+\.\n/);
    expect(commandsOf(screen)).toEqual(['npm install && npm start', 'npm test']);
  });

  test('.ci/run does what it tells a newcomer', () => {
    const run = readText('.ci/run');
    for (const command of ['npm ci', 'npm run check', 'npm test']) expect(run).toContain(command);
    expect(readText('CONTRIBUTING.md')).toContain('npm run check');
  });

  test('a scenario starts the very file that npm start starts', () => {
    const [, file = 'absent'] = /^node (?:--\S+ )*(\S+)$/.exec(scripts['start'] ?? '') ?? [];
    const scenarios = keptFiles().filter((name) => name.startsWith('test/scenarios/'));
    expect(scenarios.some((name) => readText(name).includes(`file: '${file}'`))).toBe(true);
    expect(scripts['test']).toBe('vitest run');
  });

  test('names every option of npm start, and no other', () => {
    const offered = [...START_HELP.matchAll(/^ {2}(--[a-z]+)/gm)]
      .map(([, option]) => option)
      .filter((option) => option !== '--help');
    const table = [...readme.matchAll(/^\| `(--[a-z]+)/gm)].map(([, option]) => option);
    expect(table).toEqual(offered);
  });

  test('names every room that has something in it', () => {
    const rooms = new Set(keptFiles().map((file) => file.split('/')[0] ?? ''));
    const named = [...readme.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, room]) => room ?? '');
    const folders = [...rooms].filter((room) => keptFiles().some((file) => file.startsWith(`${room}/`)) && !room.startsWith('.'));
    expect(named.sort()).toEqual(folders.sort());
  });
});

const SERVICES = ['gateway', 'ingest', 'control', 'dashboards', 'simulators'];
const SERVICE_HEADINGS = ['What it does', 'Run it alone', 'Configuration', 'What it says and hears', 'When it goes wrong'];

describe('the page of a service', () => {
  test.each(SERVICES)('%s/README.md answers the five questions, in order', (service) => {
    const headings = [...readText(`${service}/README.md`).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading ?? '');
    expect(headings.slice(0, SERVICE_HEADINGS.length)).toEqual(SERVICE_HEADINGS);
  });
});

describe('pages', () => {
  test.each(HAND_WRITTEN)('%s runs no npm script that does not exist', (file) => {
    expect(unknownScripts(readText(file))).toEqual([]);
  });

  test('an npm script that does not exist is noticed', () => {
    expect(unknownScripts('```sh\nnpm run ignite\n```\n')).toEqual(['ignite']);
  });

  test.each(HAND_WRITTEN)('%s has no broken link', (file) => {
    expect(brokenLinks(file, readText(file))).toEqual([]);
  });

  test('a broken link is noticed', () => {
    expect(brokenLinks('README.md', '[here](docs/nowhere.md) [there](https://example.org)')).toEqual(['docs/nowhere.md']);
  });
});
