/**
 * An engine that is killed in the middle of taking releases, again and again, while somebody else
 * publishes them; and one that stops after every single operation on its disk.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kept } from "../../engine/bundle/kept.ts";
import { watch } from "../../engine/bundle/store/poll.ts";
import { readKept } from "../../engine/bundle/store/state-folder.ts";
import { writeFolder } from "../../engine/bundle/store/folder.ts";
import { type ReleasePolicy, releaseSource } from "../../engine/gateway/release-source.ts";
