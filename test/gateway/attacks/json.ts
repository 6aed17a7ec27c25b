/** Two readers of one JSON text see two calls: the judge the harmless one, the server the other. */
import { call, legacy, type World } from "../../support/gateway.ts";
import type { Answer } from "../../support/http-client.ts";
import { type Attack, attack, denied, PLANTED, refused } from "./attack.ts";

const KEYS = refused(400, -32700, "duplicate_key", { grant: "nurse" });
const JSON_ERROR = refused(400, -32700, "bad_json", { grant: "nurse" });
const NO_MESSAGE = refused(400, -32600, "bad_message", { grant: "nurse" });
const BATCH = refused(400, -32600, "batch", { grant: "nurse" });

const post =
  (text: string | Buffer) =>
  (world: World): Promise<Answer> =>
    world.post(text);

const NAME = '"name":"get_patient"';
const ARGS = `"arguments":{"patient_id":"${PLANTED}"}`;
const wrapped = (params: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${params}}}`;
const withArgs = (args: string): string => wrapped(`${NAME},"arguments":{${args}}`);
const CALL = wrapped(`${NAME},${ARGS}`);
const nested = (depth: number): string =>
  wrapped(`${NAME},"arguments":{"patient_id":${"[".repeat(depth)}${"]".repeat(depth)}}`);

export const DUPLICATE_KEYS: readonly Attack[] = [
  attack(
    "two `method`s, of which a last-wins reader takes the second",
    KEYS,
    post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{${NAME},${ARGS}}}`,
    ),
  ),
  attack(
    "two `params`",
    KEYS,
    post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${NAME},${ARGS}},"params":{"name":"search_patients"}}`,
    ),
  ),
  attack("two tool names", KEYS, post(wrapped(`${NAME},"name":"search_patients",${ARGS}`))),
  attack(
    "two patients in one argument",
    KEYS,
    post(withArgs(`"patient_id":"p-1","patient_id":"${PLANTED}"`)),
  ),
  attack(
    "the second name is spelt with an escape",
    KEYS,
    post(wrapped(`${NAME},"\\u006eame":"search_patients",${ARGS}`)),
  ),
  attack(
    "the second name is in capitals, which some readers take for the same",
    KEYS,
    post(wrapped(`${NAME},"NAME":"search_patients",${ARGS}`)),
  ),
  attack(
    "a nested key in other capitals",
    KEYS,
    post(withArgs(`"patient_id":"p-1","Patient_Id":"${PLANTED}"`)),
  ),
  attack(
    "a key in fullwidth letters, equal under NFKC",
    KEYS,
    post(wrapped(`${NAME},"ｎａｍｅ":"search_patients",${ARGS}`)),
  ),
  attack(
    "a key with a long s, equal under case folding",
    KEYS,
    post(wrapped(`${NAME},"argumentſ":{},${ARGS}`)),
  ),
  attack(
    "two `_meta`, of which one claims another era",
    KEYS,
    post(
      wrapped(
        `${NAME},${ARGS},"_meta":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}`,
      ),
    ),
  ),
  attack(
    "an argument `__proto__`, which some readers make inherited",
    denied("(schema)", "(schema)", { argKeys: [], argsOther: 1 }),
    post(withArgs(`"__proto__":{"patient_id":"${PLANTED}"}`)),
  ),
  attack(
    "`params` only by way of `__proto__`",
    NO_MESSAGE,
    post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","__proto__":{"params":{${NAME},${ARGS}}}}`),
  ),
];

export const BATCHES: readonly Attack[] = [
  attack("an empty batch", BATCH, post("[]")),
  attack("a batch of one", BATCH, post(`[${CALL}]`)),
  attack(
    "a batch that begins with `initialize`",
    BATCH,
    post(`[{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}},${CALL}]`),
  ),
  attack(
    "a batch that hides a call behind a list",
    BATCH,
    post(`[{"jsonrpc":"2.0","id":1,"method":"tools/list"},${CALL}]`),
  ),
];

export const MALFORMED: readonly Attack[] = [
  attack("a byte order mark", JSON_ERROR, post(`\uFEFF${CALL}`)),
  attack(
    "bytes that are no UTF-8",
    refused(400, -32700, "bad_utf8", { grant: "nurse" }),
    post(Buffer.concat([Buffer.from(withArgs('"patient_id":"')), Buffer.from([0xc3, 0x28])])),
  ),
  attack(
    "an overlong spelling of a quote",
    refused(400, -32700, "bad_utf8"),
    post(Buffer.from([0x22, 0xc0, 0xa2, 0x22])),
  ),
  attack(
    "half of a surrogate pair",
    refused(400, -32700, "surrogate", { grant: "nurse" }),
    post(withArgs(`"patient_id":"\\ud800${PLANTED}"`)),
  ),
  attack("a control character", JSON_ERROR, post(withArgs(`"patient_id":"${PLANTED}\u0001"`))),
  attack("two documents", JSON_ERROR, post(`${CALL}${CALL}`)),
  attack("text after the document", JSON_ERROR, post(`${CALL} //`)),
  attack("a comma too many", JSON_ERROR, post(withArgs(`"patient_id":"${PLANTED}",`))),
  attack("a number that JSON does not have", JSON_ERROR, post(withArgs('"patient_id":NaN'))),
  attack("a number with a leading zero", JSON_ERROR, post(withArgs('"patient_id":01'))),
  attack("no body", JSON_ERROR, post("")),
  attack(
    "62 arrays in the arguments, 65 levels in all",
    refused(400, -32700, "too_deep"),
    post(nested(62)),
  ),
  attack("ten thousand levels", refused(400, -32700, "too_deep"), post(nested(10_000))),
];

export const NO_MESSAGES: readonly Attack[] = [
  attack("the id null", NO_MESSAGE, post(CALL.replace('"id":1', '"id":null'))),
  attack("a fraction as the id", NO_MESSAGE, post(CALL.replace('"id":1', '"id":1.5'))),
  attack(
    "an id that no double holds",
    NO_MESSAGE,
    post(CALL.replace('"id":1', '"id":9007199254740993')),
  ),
  attack("an object as the id", NO_MESSAGE, post(CALL.replace('"id":1', '"id":{}'))),
  attack("a truth value as the id", NO_MESSAGE, post(CALL.replace('"id":1', '"id":true'))),
  attack(
    "params as an array",
    NO_MESSAGE,
    post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["get_patient","${PLANTED}"]}`),
  ),
  attack(
    "params null",
    NO_MESSAGE,
    post('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}'),
  ),
  attack("another JSON-RPC", NO_MESSAGE, post(CALL.replace('"2.0"', '"1.0"'))),
  attack("no `jsonrpc`", NO_MESSAGE, post(CALL.replace('"jsonrpc":"2.0",', ""))),
  attack("an empty method", NO_MESSAGE, post(CALL.replace("tools/call", ""))),
  attack("a number as the method", NO_MESSAGE, post(CALL.replace('"tools/call"', "7"))),
  attack(
    "a request that is a response as well",
    NO_MESSAGE,
    post(CALL.replace('"id":1', '"id":1,"result":{}')),
  ),
  attack(
    "a response with both a result and an error",
    NO_MESSAGE,
    post('{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"no"}}'),
  ),
  attack("a text", NO_MESSAGE, post(`"${PLANTED}"`)),
  attack("null", NO_MESSAGE, post("null")),
];

const DOSE = denied("/tools/update_dose/require/0", undefined, { grant: "nurse" });
const dose = (text: string) =>
  post(wrapped(`"name":"update_dose","arguments":{"patient_id":"${PLANTED}","dose":${text}}`));

/** The policy says `dose lte 100`. */
export const NUMBERS: readonly Attack[] = [
  attack("a dose beyond every double", DOSE, dose("1e999")),
  attack("a dose that two readers round differently", DOSE, dose("9007199254740993")),
  attack("a dose that is 100 only after rounding", DOSE, dose("100.00000000000000000001")),
  attack("a dose too small for a double", DOSE, dose("1e-999")),
  attack("a dose in quotes", DOSE, dose('"50"')),
  attack("a dose in an array", DOSE, dose("[50]")),
  attack("no dose", DOSE, dose("null")),
  attack("a dose that is simply too high", DOSE, dose("101")),
];

const PARAMS = refused(400, -32602, "bad_params", { grant: "nurse", method: "tools/call" });

export const PARAMETERS: readonly Attack[] = [
  attack("a call without a tool", PARAMS, (world) => world.post(legacy("tools/call"))),
  attack("a number as the tool", PARAMS, (world) =>
    world.post(legacy("tools/call", { name: 7, arguments: { patient_id: PLANTED } })),
  ),
  attack("a list of arguments", PARAMS, (world) =>
    world.post(legacy("tools/call", { name: "get_patient", arguments: [PLANTED] })),
  ),
  attack("a text as arguments", PARAMS, (world) =>
    world.post(legacy("tools/call", { name: "get_patient", arguments: PLANTED })),
  ),
  attack("a tool in capitals is another tool", denied("(default deny)", "(not granted)"), (world) =>
    world.post(call("GET_PATIENT", { patient_id: PLANTED })),
  ),
  attack(
    "a tool with a space behind it is another tool",
    denied("(default deny)", "(not granted)"),
    (world) => world.post(call("get_patient ", { patient_id: PLANTED })),
  ),
];
