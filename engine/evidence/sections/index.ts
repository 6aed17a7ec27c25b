/** Every section, in the order of the page. */
import type { Facts, Section } from "../facts.ts";
import { accessControl } from "./access-control.ts";
import { accessManagement } from "./access-management.ts";
import { accessReview } from "./access-review.ts";
import { activityReview } from "./activity-review.ts";
import { associates } from "./associates.ts";
import { auditControls } from "./audit-controls.ts";
import { authentication } from "./authentication.ts";
import { automaticLogoff } from "./automatic-logoff.ts";
import { chain } from "./chain.ts";
import { documentation } from "./documentation.ts";
import { emergencyAccess } from "./emergency-access.ts";
import { encryptionAtRest } from "./encryption-at-rest.ts";
import { integrity } from "./integrity.ts";
import { logs } from "./logs.ts";
import { minimumNecessary } from "./minimum-necessary.ts";
import { patient } from "./patient.ts";
import { provisioning } from "./provisioning.ts";
import { risk } from "./risk.ts";
import { transmission } from "./transmission.ts";
import { uniqueIdentification } from "./unique-identification.ts";
import { workforce } from "./workforce.ts";

export interface Part {
  readonly title: string;
  readonly sections: readonly Section[];
}

export function partsOf(facts: Facts): readonly Part[] {
  const make = (...sections: readonly ((facts: Facts) => Section)[]): readonly Section[] =>
    sections.map((section) => withoutAbsent(section(facts), facts));
  return [
    {
      title: "What is asked for",
      sections: make(logs, provisioning, patient, risk, associates, accessReview),
    },
    {
      title: "Technical safeguards",
      sections: make(
        accessControl,
        uniqueIdentification,
        emergencyAccess,
        automaticLogoff,
        encryptionAtRest,
        auditControls,
        integrity,
        authentication,
        transmission,
      ),
    },
    {
      title: "Administrative safeguards",
      sections: make(activityReview, workforce, accessManagement, documentation),
    },
    { title: "Privacy", sections: make(minimumNecessary) },
    { title: "This evidence", sections: make(chain) },
  ];
}

/** What was not given to the export is in no list of files. */
function withoutAbsent(section: Section, { config }: Facts): Section {
  const from = section.from.filter(
    ({ file }) => file !== "configuration/engine.json" || config !== undefined,
  );
  return { ...section, from };
}
