#!/usr/bin/env node
// A Prisma generator that writes the whole datamodel (DMMF) to its output, as JSON: the generated client keeps names and types only.
// `prisma generate` speaks JSON-RPC with it, one message a line: requests on stdin, answers on stderr.
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const answers = {
  getManifest: () => ({ manifest: { prettyName: "Datamodel", defaultOutput: "datamodel.json" } }),
  generate: ({ generator, dmmf }) => {
    writeFileSync(generator.output.value, JSON.stringify(dmmf.datamodel, null, 1));
    return null;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  process.stderr.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: answers[method](params) })}\n`);
}
