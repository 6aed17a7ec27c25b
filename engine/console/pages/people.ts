/** People and agents, and one grant. */
import { freshIndex } from "../../audit/index/fresh.ts";
import { html } from "../markup.ts";
import { grantDetail, people } from "../models/people.ts";
import type { Page } from "../page.ts";
import { grantBody, peopleBody } from "../views/people.ts";

export const showPeople: Page = async ({ books, at }) => {
  const { repository } = await books.policy.current();
  const index = freshIndex(books.audit.log);
  try {
    const model = await people(books, repository, index, at);
    return {
      title: "People and agents",
      body: peopleBody(model),
      seen: { rows: model.people.length + model.gone.length },
    };
  } finally {
    index.close();
  }
};

export const showGrant: Page = async ({ books, part, at }) => {
  const index = freshIndex(books.audit.log);
  try {
    const detail = await grantDetail(books, index, part, at);
    if (detail === undefined) {
      return {
        title: "No such grant",
        status: 404,
        body: html`<p>The policy in force has no grant of this name.</p>`,
        seen: "nothing",
      };
    }
    return {
      title: `Grant ${detail.grant.id}`,
      body: grantBody(detail),
      seen: { rows: detail.reach.length, filter: { grant: detail.grant.id } },
    };
  } finally {
    index.close();
  }
};
