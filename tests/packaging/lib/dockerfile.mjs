// A Dockerfile as a list of stages with their instructions.
import { read } from './repository.mjs';

/** [{name, from, instructions: [{keyword, text}]}]; `args` holds the ARGs before the first FROM. */
export function parseDockerfile(path) {
  const text = read(path).replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  const stages = [];
  const args = {};
  for (const line of text.split('\n')) {
    const [, keyword, rest] = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (!keyword) continue;
    if (keyword === 'ARG' && stages.length === 0) {
      const [name, value] = rest.split('=');
      args[name] = value;
    } else if (keyword === 'FROM') {
      const [, from, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest);
      stages.push({ name, from: from.replace(/\$\{(\w+)\}/g, (_, arg) => args[arg] ?? ''), instructions: [] });
    } else {
      stages.at(-1).instructions.push({ keyword, text: rest });
    }
  }
  return { args, stages };
}

/** The instructions of a stage and of what it is built upon, in order. */
export function inherited(stages, name) {
  const stage = stages.find((each) => each.name === name);
  if (!stage) return [];
  return [...inherited(stages, stage.from), ...stage.instructions];
}
