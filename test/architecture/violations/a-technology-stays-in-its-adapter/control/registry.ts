import Database from 'better-sqlite3';

export const registry = new Database('registry.sqlite');
