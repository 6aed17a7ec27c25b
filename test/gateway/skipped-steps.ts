/**
 * Lines that must not compile: each skips a step of a call. Without the error that is expected the
 * directive above it is an error itself. Nothing here is ever run.
 */
import { authenticate } from "../../engine/gateway/authenticate.ts";
import type {
  Arrival,
  Authenticated,
  Decided,
  Received,
  Recorded,
  Reserved,
  Understood,
} from "../../engine/gateway/call.ts";
import { forward } from "../../engine/gateway/forward.ts";
import { type Denied, judge } from "../../engine/gateway/judge.ts";
import { handleOne } from "../../engine/gateway/line.ts";
import { record } from "../../engine/gateway/record.ts";
import type { Reply } from "../../engine/gateway/reply.ts";
import { reserve } from "../../engine/gateway/reserve.ts";
import type { Runtime } from "../../engine/gateway/runtime.ts";
import { understand } from "../../engine/gateway/understand.ts";

interface States {
  readonly arrival: Arrival;
  readonly received: Received;
  readonly authenticated: Authenticated;
  readonly understood: Understood;
  readonly decided: Decided;
  readonly denied: Denied;
  readonly reserved: Reserved;
  readonly recorded: Recorded;
}

export function skippedSteps(runtime: Runtime, reply: Reply, states: States): void {
  const { arrival, received, authenticated, understood, decided, denied, reserved } = states;
  // @ts-expect-error nobody has said that it arrived here
  authenticate(runtime, arrival);
  // @ts-expect-error nobody knows who is calling
  understand(runtime, received, "{}");
  // @ts-expect-error nobody knows what it says
  judge(runtime, authenticated);
  // @ts-expect-error nobody knows what it says
  void handleOne(runtime, authenticated, reply);
  // @ts-expect-error it is not decided
  void reserve(runtime, understood, () => denied);
  // @ts-expect-error it was denied
  void reserve(runtime, denied, () => denied);
  // @ts-expect-error its quota is not taken
  void record(runtime, decided);
  // @ts-expect-error it is neither reserved nor recorded
  void forward(runtime, decided, reply);
  // @ts-expect-error it is not recorded
  void forward(runtime, reserved, reply);
  // @ts-expect-error a literal is no state, whatever stands in it
  void forward(runtime, { ...reserved, id: "made up" }, reply);
}
