// What Prisma makes of prisma/schema.prisma, without the network: the client, and the datamodel.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path_of = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Returns { PrismaClient, datamodel }. Throws with Prisma's own words where the schema is not valid. */
export function generate() {
  // The client is found from where its schema lies; and the second generator is no part of the schema.
  const folder = path_of("../node_modules/.messaging");
  mkdirSync(folder, { recursive: true });
  const datamodel_generator = `
generator datamodel {
  provider = "node ${path_of("datamodel_generator.mjs")}"
  output   = "./datamodel.json"
}
`;
  writeFileSync(`${folder}/schema.prisma`, readFileSync(path_of("../../../prisma/schema.prisma"), "utf8") + datamodel_generator);
  execFileSync(path_of("../node_modules/.bin/prisma"), ["generate", "--schema", `${folder}/schema.prisma`, "--no-hints"], {
    cwd: path_of(".."),
    // The schema engine would be a download; generating needs none of it.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { PrismaClient } = createRequire(import.meta.url)("@prisma/client");
  return { PrismaClient, datamodel: JSON.parse(readFileSync(`${folder}/datamodel.json`, "utf8")) };
}
