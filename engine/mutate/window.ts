/** How long the windows of limits are, in milliseconds. */
import type { Window } from "../policy/ir.ts";
import { DAY, HOUR, MINUTE } from "../policy/time.ts";

export const WINDOW_MS: Readonly<Record<Window, number>> = { minute: MINUTE, hour: HOUR, day: DAY };
