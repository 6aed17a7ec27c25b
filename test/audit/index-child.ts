/** Makes the index of a folder and tells of each step; the test kills it in the middle. */
import { freshIndex } from "../../engine/audit/index/fresh.ts";

freshIndex(process.argv[2]!, (seq) => process.stdout.write(`${seq}\n`)).close();
