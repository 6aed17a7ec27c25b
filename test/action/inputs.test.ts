/** What the workflow writes → settings, or every problem at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRef, readInputs } from "../../action/inputs.ts";

const read = (given: Readonly<Record<string, string>>, named = true) =>
  readInputs({ token: "t", ...given }, named);

describe("settings", () => {
  test("are the strictest when nothing is said", () => {
    expect(read({})).toEqual({ token: "t", dir: "", failOn: "blocks", comment: "always" });
    // GitHub passes an input that is left empty as an empty text.
    expect(read({ "fail-on": "", comment: "", dir: "", "sarif-file": "", "base-ref": "" })).toEqual(
      read({}),
    );
  });

  test.each<[string, Readonly<Record<string, string>>, object]>([
    ["a folder", { dir: "a/b" }, { dir: "a/b" }],
    ["the root", { dir: "." }, { dir: "" }],
    ["a folder with a slash at its end", { dir: "./a//b/" }, { dir: "a/b" }],
    ["a folder that is called with dots", { dir: "..a/b.." }, { dir: "..a/b.." }],
    ["white space around", { "fail-on": " never\n" }, { failOn: "never" }],
    ["a file", { "sarif-file": "out/x.sarif" }, { sarifFile: "out/x.sarif" }],
  ])("take %s", (_, given, settings) => {
    expect(read(given)).toMatchObject(settings);
  });

  test("name two revisions where the event names none", () => {
    expect(read({ "base-ref": "main", "head-ref": "v1.2" }, false)).toMatchObject({
      revisions: { base: "main", head: "v1.2" },
    });
  });
});

describe("a bad input", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[], boolean?]>([
    ["a misspelled choice", { "fail-on": "blcoks" }, ["did you mean `blocks`"]],
    // Truth has many spellings, and each could mean the opposite of another.
    ["yes for a choice", { comment: "true" }, ["`comment` cannot be `true`"]],
    ["a choice in capitals", { comment: "Never" }, ["`comment` cannot be `Never`"]],
    ["an unknown name", { fail_on: "blocks" }, ["no input `fail_on`", "did you mean `fail-on`"]],
    ["no token", { token: "" }, ["`token` is empty"]],
    ["a token of two lines", { token: "a\nb" }, ["`token` is empty or no token"]],
    ["a folder above", { dir: "a/../.." }, ["`dir` must be a path inside"]],
    ["an absolute folder", { dir: "/etc" }, ["`dir` must be a path inside"]],
    ["a folder of Windows", { dir: "a\\b" }, ["`dir` must be a path inside"]],
    ["a file above", { "sarif-file": "../x" }, ["`sarif-file` must be a path inside"]],
    ["revisions beside a pull request", { "base-ref": "main", "head-ref": "x" }, ["left out"]],
    ["no revisions and no change", {}, ["`base-ref` and `head-ref` are empty"], false],
    ["one revision alone", { "head-ref": "x" }, ["both be given"], false],
    ["an option for a branch", { "base-ref": "--all", "head-ref": "x" }, ["`--all`"], false],
    [
      "several",
      { token: "", dir: "..", "fail-on": "x", comment: "x", more: "x", "sarif-file": "/" },
      ["token", "dir", "fail-on", "comment", "more", "sarif-file"],
    ],
  ])("%s fails", (_, given, says, named) => {
    for (const text of says)
      expect(() => read(given, named)).toThrow(
        expect.objectContaining({ code: "ACTION_INPUTS", message: expect.stringContaining(text) }),
      );
  });

  test("is never repeated where it may be a secret", () => {
    expect(() => read({ token: "ghp_secret secret" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("ghp_") }),
    );
  });
});

describe("a ref", () => {
  test.each(["main", "a/b", "v1.2.3", "0123456789012345678901234567890123456789", "é", "a@b"])(
    "may be `%s`",
    (text) => expect(isRef(text)).toBe(true),
  );
  test.each([
    "",
    "-x",
    "+x",
    "a b",
    "a:b",
    "a~1",
    "a^",
    "a..b",
    "@{1}",
    "*",
    "a.lock",
    "/a",
    "a/",
    "a//b",
    "a/.b",
    ".",
  ])("is never `%s`", (text) => expect(isRef(text)).toBe(false));
  test("has no character that Git reads as something else", () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isRef(text)) expect(text).not.toMatch(/^[-+]|[\s:~^*?[\\]|\.\./);
      }),
    ));
});
