/**
 * GitHub workflows of a repository that signs its releases. What others wrote is pinned by a whole
 * commit; no text of an event becomes part of a script; the builder's key is in an environment that
 * only the default branch may use.
 */

/** Path → text. `version`: of phiward, which they run exactly. */
export function releaseWorkflows(version: string): Readonly<Record<string, string>> {
  const texts = {
    "phiward-release": RELEASE,
    "phiward-publish": PUBLISH,
    "phiward-heartbeat": HEARTBEAT,
    "phiward-expiry": EXPIRY,
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      `.github/workflows/${name}.yml`,
      text
        .replaceAll("{checkout}", CHECKOUT)
        .replaceAll("{node}", NODE)
        .replaceAll("{phiward}", `npx --yes phiward@${version}`),
    ]),
  );
}

const CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";
const NODE = "actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0";

const RELEASE = `# After a merge: builds the release, signs it as the builder, and asks the officers to sign, on a
# branch sign/vN. What is merged is not live: what is signed is.
name: phiward release
on:
  push:
    branches: [main]
    paths: [phiward.yaml, phiward.json, "servers/**", "policies/**", "grants/**", "tests/**", "release/**"]
permissions: {}
concurrency: { group: phiward-release, cancel-in-progress: false }
jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    # Holds the builder's key as PHIWARD_BUILDER_KEY. Let only the branch main use it.
    environment: phiward-release
    permissions: { contents: write }
    steps:
      - uses: {checkout}
        # All of it: each rule is put down to the commit that last changed it.
        with: { fetch-depth: 0 }
      - uses: {node}
        with: { node-version: 24 }
      - name: Build the release
        run: |
          set -euo pipefail
          work="$RUNNER_TEMP/release"
          mkdir -p "$work"
          cp -R release/trust.json release/root "$work/"
          from=()
          if git fetch --quiet origin "+refs/heads/policy-current:refs/heads/policy-current"; then
            from=(--from "$GITHUB_WORKSPACE")
          fi
          {phiward} bundle build . --commit HEAD --release "$work" "\${from[@]}" --format json > "$RUNNER_TEMP/build.json"
      - name: Sign it as the builder
        env:
          BUILDER_KEY: \${{ secrets.PHIWARD_BUILDER_KEY }}
        run: |
          set -euo pipefail
          install -m 600 /dev/null "$RUNNER_TEMP/builder.key"
          printf '%s\\n' "$BUILDER_KEY" > "$RUNNER_TEMP/builder.key"
          {phiward} bundle sign --release "$RUNNER_TEMP/release" --key "$RUNNER_TEMP/builder.key"
          rm "$RUNNER_TEMP/builder.key"
      - name: Ask the officers to sign
        run: |
          set -euo pipefail
          version="$(node -p 'JSON.parse(fs.readFileSync(0, "utf8")).version' < "$RUNNER_TEMP/build.json")"
          git switch --quiet --create "sign/v$version"
          cp -R "$RUNNER_TEMP/release/." release/
          git add --force release
          git -c user.name=phiward -c user.email=phiward@invalid commit --quiet --message "Release $version, to be signed"
          git push --quiet --force origin "HEAD:refs/heads/sign/v$version"
          echo "sign with: git fetch origin && git switch sign/v$version && phiward bundle sign --key YOUR_KEY" >> "$GITHUB_STEP_SUMMARY"
`;

const PUBLISH = `# When an officer has pushed a signature to sign/vN: publishes the release once everybody has signed.
# It needs no key, and whoever changes it can publish nothing that an engine believes.
name: phiward publish
on:
  push:
    branches: ["sign/v*"]
permissions: {}
concurrency: { group: phiward-publish, cancel-in-progress: false }
jobs:
  publish:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions: { contents: write }
    steps:
      - uses: {checkout}
        with: { fetch-depth: 0 }
      - uses: {node}
        with: { node-version: 24 }
      - name: Publish it when everybody has signed
        run: |
          set -euo pipefail
          git show origin/main:release/trust.json > "$RUNNER_TEMP/trust.json"
          git fetch --quiet origin "+refs/heads/policy-current:refs/heads/policy-current" || true
          status=0
          {phiward} bundle publish --release release --trust "$RUNNER_TEMP/trust.json" --to "$GITHUB_WORKSPACE" || status=$?
          if [ "$status" -eq 3 ]; then
            echo "not published yet: the log says who must still sign" >> "$GITHUB_STEP_SUMMARY"
            exit 0
          fi
          [ "$status" -eq 0 ] || exit "$status"
          tag="$(git tag --points-at refs/heads/policy-current --list 'policy/v*')"
          git push --quiet --atomic origin refs/heads/policy-current "refs/tags/$tag"
`;

const HEARTBEAT = `# Tells the engines four times a day that the release they run is still the newest. Without it they
# go on for as long as the release says, and then deny what touches patient data.
name: phiward heartbeat
on:
  schedule:
    - cron: "17 */6 * * *"
  # At once after a release.
  workflow_run:
    workflows: [phiward publish]
    types: [completed]
  workflow_dispatch:
permissions: {}
concurrency: { group: phiward-heartbeat, cancel-in-progress: false }
jobs:
  heartbeat:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    environment: phiward-release
    permissions: { contents: write }
    steps:
      - uses: {checkout}
        with: { ref: main }
      - uses: {node}
        with: { node-version: 24 }
      - name: Issue a heartbeat
        env:
          BUILDER_KEY: \${{ secrets.PHIWARD_BUILDER_KEY }}
        run: |
          set -euo pipefail
          git fetch --quiet origin "+refs/heads/policy-*:refs/heads/policy-*"
          install -m 600 /dev/null "$RUNNER_TEMP/builder.key"
          printf '%s\\n' "$BUILDER_KEY" > "$RUNNER_TEMP/builder.key"
          {phiward} heartbeat issue --trust release/trust.json --key "$RUNNER_TEMP/builder.key" --to "$GITHUB_WORKSPACE"
          rm "$RUNNER_TEMP/builder.key"
          git push --quiet --force origin refs/heads/policy-heartbeat
`;

const EXPIRY = `# Fails, and so tells, three weeks before the release or the list of signers runs out.
name: phiward expiry
on:
  schedule:
    - cron: "43 6 * * *"
  workflow_dispatch:
permissions: {}
jobs:
  expiry:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions: { contents: read }
    steps:
      - uses: {checkout}
        with: { ref: main }
      - uses: {node}
        with: { node-version: 24 }
      - name: Is it valid for three weeks more?
        run: |
          set -euo pipefail
          git fetch --quiet origin "+refs/heads/policy-*:refs/heads/policy-*"
          {phiward} bundle verify "$GITHUB_WORKSPACE" --trust release/trust.json --valid-for 21d
`;
