/** Each check of engine/bundle, and the source without it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export interface Mutant {
  /** From the folder of the sources. */
  readonly path: string;
  /** Of the check, from 1. */
  readonly line: number;
  /** The function that it is in. */
  readonly within: string;
  /** What is removed, as it stands in the source. */
  readonly removed: string;
  /** The whole source without it. */
  readonly source: string;
}

/** A place in the source, and what stands there instead. */
interface Cut {
  readonly node: ts.Node;
  readonly instead: string;
}

export function mutantsOf(folder: string, paths: readonly string[]): readonly Mutant[] {
  return paths.flatMap((path) => {
    const text = readFileSync(join(folder, path), "utf8");
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    return cutsIn(source).map(({ node, instead }) => {
      const [from, to] = [node.getStart(source), node.end];
      return {
        path,
        line: source.getLineAndCharacterOfPosition(from).line + 1,
        within: functionOf(node),
        removed: text.slice(from, to).replace(/\s+/g, " "),
        source: text.slice(0, from) + instead + text.slice(to),
      };
    });
  });
}

/** What only makes releases: an engine, an auditor and an officer run none of it. */
const MAKES = /^(draft|gate-report|origin|places|trace|sign|new-.*|sigstore|signer\/.*)\.ts$/;

export function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !MAKES.test(path))
    .sort();
}

/** Here a check may also be a condition that gives nothing; elsewhere such a one decides other things. */
const READS =
  /^(bundle|dsse|halt|heartbeat|kept|keys|read|root|signers|ssh-wire|sshsig|store|verify-signature)\.ts$/;

function cutsIn(source: ts.SourceFile): readonly Cut[] {
  const cuts: Cut[] = [];
  const reads = READS.test(source.fileName);
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && isRequirement(node.expression)) {
      cuts.push({ node, instead: "" });
    }
    if (isDemand(node))
      cuts.push({ node, instead: "void 0" }, ...operandsOf(node.arguments[1]!, "true"));
    if (reads && ts.isIfStatement(node) && refuses(node)) {
      cuts.push(
        { node: node.expression, instead: "false" },
        ...operandsOf(node.expression, "false"),
      );
    }
    if (reads && ts.isConditionalExpression(node) && isNothing(node.whenFalse)) {
      cuts.push({ node: node.condition, instead: "true" }, ...operandsOf(node.condition, "true"));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return cuts;
}

function functionOf(node: ts.Node): string {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if (ts.isFunctionDeclaration(at)) return at.name?.text ?? "";
  }
  return "";
}

function isDemand(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.getText() === "demand";
}

/** `requireTime(…)`: several checks under one name. */
function isRequirement(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /^(require|check)[A-Z]/.test(node.expression.getText());
}

const NOTHING = /^(undefined|"bad"|"other-namespace"|"no-touch")$/;

function isNothing(node: ts.Node): boolean {
  return NOTHING.test(node.getText());
}

/** `if (…) return undefined;`, `if (…) others.push(…);` and the like. */
function refuses({ thenStatement, elseStatement }: ts.IfStatement): boolean {
  const sets =
    ts.isExpressionStatement(thenStatement) && /^others\.push/.test(thenStatement.getText());
  if (elseStatement !== undefined || sets) return sets;
  const only =
    ts.isBlock(thenStatement) && thenStatement.statements.length === 1
      ? thenStatement.statements[0]!
      : thenStatement;
  return ts.isReturnStatement(only) && only.expression !== undefined && isNothing(only.expression);
}

/** The parts of `a && b`, each of which may be a check alone; `neutral` is what changes nothing. */
function operandsOf(condition: ts.Expression, neutral: "true" | "false"): readonly Cut[] {
  const whole = constantOf(condition) ?? condition;
  const joint =
    neutral === "true" ? ts.SyntaxKind.AmpersandAmpersandToken : ts.SyntaxKind.BarBarToken;
  const parts = flatten(whole, joint);
  return parts.length === 1 ? [] : parts.map((node) => ({ node, instead: neutral }));
}

function flatten(node: ts.Expression, joint: ts.SyntaxKind): readonly ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return flatten(node.expression, joint);
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== joint) return [node];
  return [...flatten(node.left, joint), ...flatten(node.right, joint)];
}

/** `const near = a && b; demand("jump", near, …)`: what `near` is. */
function constantOf(node: ts.Expression): ts.Expression | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  let block: ts.Node = node;
  while (!ts.isBlock(block)) {
    if (block.parent === undefined) return undefined;
    block = block.parent;
  }
  const declared = block.statements
    .flatMap((each) => (ts.isVariableStatement(each) ? [...each.declarationList.declarations] : []))
    .find(({ name }) => ts.isIdentifier(name) && name.text === node.text);
  return declared?.initializer;
}
