// A private PostgreSQL server with the tables that `messagingd migrate` makes, for one test file.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../../tools/local-postgres", import.meta.url));

/** Runs `messagingd <command>` against the database; throws with what it printed where it does not exit with 0. */
export function messagingd(command, url) {
  const program = process.env.MESSAGINGD;
  if (!program) throw new Error("MESSAGINGD must name the messagingd to test");
  return execFileSync(program, [command], { env: { ...process.env, DATABASE_URL: url }, encoding: "utf8" });
}

/** Returns { url, stop }. The server ends with this process at the latest. */
export function start_database() {
  const folder = mkdtempSync(join(tmpdir(), "prisma-"));
  // In the background of its shell, so that it is no child of this process: a test runner that gives up kills those too.
  const clean_up = `"${script}" kill "${folder}"; rm -rf "${folder}"`;
  const watchdog = spawn("sh", ["-c", `trap '' INT TERM; { cat <&3; ${clean_up}; } &`], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const lifeline = watchdog.stdio[3];
  lifeline.unref();
  const url = execFileSync(script, ["start", folder], { encoding: "utf8" }).trim();
  messagingd("migrate", url);
  return { url, stop: () => lifeline.destroy() };
}
