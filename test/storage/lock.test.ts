import { spawnSync } from "node:child_process";
import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withLock } from "../../lib/storage/lock";
import { failure, withFolder } from "../setup/temporary-folder";

const test = suite("withLock");

test("actions under one lock run one after another, and the one that waits is told", () =>
  withFolder(async (folder) => {
    const lock = join(folder, "locks", "a");
    const events: string[] = [];
    const action = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await wait(50);
      events.push(`${name} ends`);
    };
    const first = withLock(lock, action("first"));
    const second = withLock(lock, action("second"), (owner) =>
      events.push(`waits for ${owner.split(" ")[0]}`),
    );
    await Promise.all([first, second]);
    const waits = `waits for ${process.pid}`;
    assert.equal(
      events.filter((event) => event !== waits),
      ["first begins", "first ends", "second begins", "second ends"],
    );
    assert.ok(events.includes(waits));
    assert.not.ok(existsSync(lock));
  }));

test("an error releases the lock", () =>
  withFolder(async (folder) => {
    const lock = join(folder, "a");
    assert.is(await failure(() => withLock(lock, () => Promise.reject(new Error("broken")))), "broken");
    assert.not.ok(existsSync(lock));
  }));

test("a lock whose owner has died is taken over", () =>
  withFolder(async (folder) => {
    const lock = join(folder, "a");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(lock, `${dead} ${hostname()}`);
    assert.is(await withLock(lock, () => Promise.resolve("done")), "done");
  }));

test("a lock of another machine is taken over once its heartbeat has stopped", () =>
  withFolder(async (folder) => {
    const lock = join(folder, "a");
    writeFileSync(lock, "1 another-machine");
    const longAgo = Date.now() / 1000 - 600;
    utimesSync(lock, longAgo, longAgo);
    assert.is(await withLock(lock, () => Promise.resolve("done")), "done");
  }));

test.run();
