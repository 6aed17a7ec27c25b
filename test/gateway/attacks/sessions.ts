/** Sessions and what else a server hands out: each belongs to the grant that got it. */
import {
  call,
  initialize,
  legacy,
  modern,
  modernHeaders,
  type World,
} from "../../support/gateway.ts";
import { type Attack, attack, deniedMethod, PLANTED, refused } from "./attack.ts";

/** Told like a session that does not exist; the log knows better. */
const NO_SESSION = refused(404, 403, "no_session");
const FOREIGN = {
  reads: NO_SESSION.reads,
  logged: { kind: "rejected", code: "foreign_session" },
};
const UNKNOWN = refused(404, 403, "no_session", { grant: "nurse" });
const MESSAGE = call("get_patient", { patient_id: PLANTED });
const MINUTE = 60_000;

const inSession = (id: string) => ({ headers: { "mcp-session-id": id } });
const nurses = (world: World): Promise<string> => world.session("nurse");

export const SESSIONS: readonly Attack[] = [
  attack("a session that nobody opened", UNKNOWN, (world) =>
    world.post(MESSAGE, inSession(`session-${PLANTED}`)),
  ),
  attack(
    "a session of another grant",
    { ...FOREIGN, logged: { ...FOREIGN.logged, grant: "clerk" } },
    (world, id) => world.post(MESSAGE, { as: "clerk", ...inSession(id) }),
    nurses,
  ),
  attack(
    "the stream of another grant's session",
    FOREIGN,
    (world, id) => world.http("GET", { as: "clerk", ...inSession(id) }),
    nurses,
  ),
  attack(
    "the end of another grant's session",
    FOREIGN,
    (world, id) => world.http("DELETE", { as: "clerk", ...inSession(id) }),
    nurses,
  ),
  attack(
    "a session of another path",
    FOREIGN,
    (world, id) => world.post(MESSAGE, { path: "/mcp", ...inSession(id) }),
    nurses,
  ),
  attack(
    "a session that its owner has ended",
    UNKNOWN,
    (world, id) => world.post(MESSAGE, inSession(id)),
    async (world: World) => {
      const id = await nurses(world);
      await world.http("DELETE", inSession(id));
      return id;
    },
  ),
  attack(
    "a session that the server has forgotten",
    UNKNOWN,
    (world, id) => world.post(MESSAGE, inSession(id)),
    async (world: World) => {
      const id = await nurses(world);
      world.upstream.on("tools/list", ({ raw }) => raw(404, {}, ""));
      await world.post(legacy("tools/list"), inSession(id));
      world.upstream.reset();
      return id;
    },
  ),
  attack(
    "an answer that nobody asked for",
    refused(400, 403, "unasked_response", { grant: "nurse" }),
    (world, id) => world.post({ jsonrpc: "2.0", id: 1, result: { text: PLANTED } }, inSession(id)),
    nurses,
  ),
  attack("an answer without a session", refused(400, -32600, "session_needed"), (world) =>
    world.post({ jsonrpc: "2.0", id: 1, result: { text: PLANTED } }),
  ),
  attack(
    "an error that nobody asked for",
    refused(400, 403, "unasked_response"),
    (world, id) =>
      world.post({ jsonrpc: "2.0", error: { code: 1, message: PLANTED } }, inSession(id)),
    nurses,
  ),
];

/** By the gateway's clock. */
export const LOGOFF_LIMITS = { idleMs: MINUTE, absoluteMs: 3 * MINUTE, max: 2 };

// Whether the sweep finds it first is chance, so the log may say either.
const OVER = { reads: NO_SESSION.reads, logged: { kind: "rejected", grant: "nurse" } };

export const LOGOFF: readonly Attack[] = [
  attack(
    "a session that rested too long",
    OVER,
    (world, id) => world.post(MESSAGE, inSession(id)),
    async (world: World) => {
      const id = await nurses(world);
      world.shiftClock(MINUTE + 1);
      return id;
    },
  ),
  attack(
    "a session that was busy for too long",
    OVER,
    (world, id) => world.post(MESSAGE, inSession(id)),
    async (world: World) => {
      const id = await nurses(world);
      for (let minute = 0; minute < 3; minute++) {
        world.shiftClock(MINUTE - 5_000);
        const { status } = await world.post(legacy("tools/list"), inSession(id));
        if (status !== 200) throw new Error("it was over before its time");
      }
      world.shiftClock(20_000);
      return id;
    },
  ),
  attack(
    "a handshake while too many sessions are open",
    refused(503, 403, "too_many", { grant: "clerk" }),
    (world) => world.post(initialize(), { as: "clerk" }),
    async (world: World) => {
      await nurses(world);
      await nurses(world);
    },
  ),
];

const FOREIGN_TASK = refused(200, -32602, "foreign_task");
const FOREIGN_ROUND = refused(200, -32602, "foreign_round");
const TASK = "t-4471";

/** The nurse's call becomes a task. */
async function nursesTask(world: World): Promise<void> {
  world.upstream.on("tools/call", ({ result }) => result({ task: { taskId: TASK } }));
  await world.post(call("get_patient", { patient_id: "p-1" }));
  world.upstream.reset();
}

export const TASKS: readonly Attack[] = [
  attack(
    "another grant's task",
    { ...FOREIGN_TASK, logged: { ...FOREIGN_TASK.logged, grant: "clerk" } },
    (world) => world.post(legacy("tasks/get", { taskId: TASK }), { as: "clerk" }),
    nursesTask,
  ),
  attack(
    "the end of another grant's task",
    FOREIGN_TASK,
    (world) => world.post(legacy("tasks/cancel", { taskId: TASK }), { as: "clerk" }),
    nursesTask,
  ),
  attack("a task that nobody has", FOREIGN_TASK, (world) =>
    world.post(legacy("tasks/get", { taskId: PLANTED })),
  ),
  attack("a task without an id", refused(400, -32602, "bad_params"), (world) =>
    world.post(legacy("tasks/get")),
  ),
  attack("a number as the task", refused(400, -32602, "bad_params"), (world) =>
    world.post(legacy("tasks/get", { taskId: 4471 })),
  ),
  attack(
    "a task's result, which the policy does not list",
    deniedMethod("(method)", { grant: "nurse" }),
    (world) => world.post(legacy("tasks/result", { taskId: TASK })),
    nursesTask,
  ),
];

const STATE = "state-of-the-scribe";

/** A call of the scribe's that the server answers with a question. */
async function question(world: World): Promise<void> {
  world.upstream.on("tools/call", ({ result }) =>
    result({
      resultType: "input_required",
      inputRequests: { why: { method: "elicitation/create", params: { message: "why?" } } },
      requestState: STATE,
    }),
  );
  await retry(world, "scribe", {});
  world.upstream.reset();
}

function retry(world: World, as: string, more: object, args: object = { patient_id: "p-1" }) {
  const params = { name: "get_patient", arguments: args, ...more };
  return world.post(modern("tools/call", params), {
    as,
    headers: modernHeaders("tools/call", "get_patient"),
  });
}

const ANSWERS = { inputResponses: { why: { action: "accept", content: { text: PLANTED } } } };

export const ROUNDS: readonly Attack[] = [
  attack(
    "an answer that goes with other arguments than the question did",
    refused(200, -32602, "changed_round", { grant: "scribe" }),
    (world) => retry(world, "scribe", { requestState: STATE, ...ANSWERS }, { patient_id: PLANTED }),
    question,
  ),
  attack(
    "another grant's state",
    { ...FOREIGN_ROUND, logged: { ...FOREIGN_ROUND.logged, grant: "nurse" } },
    (world) => retry(world, "nurse", { requestState: STATE, ...ANSWERS }),
    question,
  ),
  attack("a state that no server sent", FOREIGN_ROUND, (world) =>
    retry(world, "scribe", { requestState: PLANTED, ...ANSWERS }),
  ),
  attack("answers without a state, to no question", FOREIGN_ROUND, (world) =>
    retry(world, "scribe", ANSWERS, { patient_id: "p-2" }),
  ),
  attack("a number as the state", refused(400, -32602, "bad_params"), (world) =>
    retry(world, "scribe", { requestState: 7 }),
  ),
  attack("a list as the answers", refused(400, -32602, "bad_params"), (world) =>
    retry(world, "scribe", { requestState: STATE, inputResponses: [PLANTED] }),
  ),
  attack(
    "answers that the policy does not let through",
    {
      reads: { status: 200, why: "(method)" },
      logged: { kind: "decision", verdict: "deny", rule: "(method)", grant: "quizzer" },
    },
    (world) => retry(world, "quizzer", { requestState: STATE, ...ANSWERS }),
    async (world: World) => {
      world.upstream.on("tools/call", ({ result }) =>
        result({ resultType: "input_required", requestState: STATE }),
      );
      await retry(world, "quizzer", {});
      world.upstream.reset();
    },
  ),
];
