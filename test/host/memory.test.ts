import { memoryTree } from "../support/tree.ts";
import { treeContract } from "./tree.contract.ts";

treeContract("a tree in memory", async (files) => memoryTree(files as Record<string, string>), {
  links: false,
  anyName: true,
});
