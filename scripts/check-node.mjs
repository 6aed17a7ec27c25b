// Run first by every script: an old Node would otherwise fail later, in words that say nothing.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `error[OLD_NODE]: phiward needs Node 24.15 or newer; this script runs on ${process.versions.node}\n` +
      "help: run `npm ci` with install scripts allowed: the dev dependency `node` brings the right one",
  );
  process.exit(2);
}
