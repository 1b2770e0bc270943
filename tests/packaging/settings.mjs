// The table of all settings in docs/operations.md, made from src/app/config_keys.cpp.
//   node settings.mjs            prints it
//   node settings.mjs --write    puts it into the page
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pathOf, read, settings } from './lib/repository.mjs';

export const page = 'docs/operations.md';
export const begin = '<!-- settings: made by tests/packaging/settings.mjs from src/app/config_keys.cpp -->';
export const end = '<!-- end of settings -->';

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function settingsTable() {
  const rows = settings().map(({ name, default: byDefault, help, isRequired, hasFileForm }) => {
    const names = `\`${name}\`${hasFileForm ? `, \`${name}_FILE\`` : ''}${isRequired ? ' *' : ''}`;
    return `| ${names} | ${byDefault ? `\`${byDefault}\`` : ''} | ${cell(help)} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

export function settingsOf(text) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${page} has no place for the settings`);
  return { before: text.slice(0, from + begin.length), table: text.slice(from + begin.length, to).trim(), after: text.slice(to) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) {
    const { before, after } = settingsOf(read(page));
    writeFileSync(pathOf(page), `${before}\n${settingsTable()}\n${after}`);
  } else {
    console.log(settingsTable());
  }
}
