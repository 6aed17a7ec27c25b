/** Every address behind the door. */
import type { Route } from "./page.ts";
import { exportAccessReview, showAccessReview, signAccessReview } from "./pages/access-review.ts";
import { exportActivity, showActivity, showRecord } from "./pages/activity.ts";
import {
  exportActivityReview,
  showActivityReview,
  signActivityReview,
} from "./pages/activity-review.ts";
import { leave } from "./pages/leave.ts";
import { showLog, startVerifying } from "./pages/log.ts";
import { showOpenings, signOpening } from "./pages/openings.ts";
import { showOverview } from "./pages/overview.ts";
import { askPatient, exportPatient, findPatient, showPatient } from "./pages/patient.ts";
import { showGrant, showPeople } from "./pages/people.ts";
import { showReleases } from "./pages/releases.ts";
import { showServers } from "./pages/servers.ts";

export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/", page: "overview", show: showOverview },
  { method: "GET", path: "/activity", page: "activity", show: showActivity },
  { method: "POST", path: "/activity/export", page: "activity", may: "read", act: exportActivity },
  { method: "GET", path: "/records/*", page: "record", show: showRecord },
  { method: "GET", path: "/patient", page: "patient", show: askPatient },
  { method: "POST", path: "/patient", page: "patient", may: "read", act: findPatient },
  { method: "GET", path: "/patient/*", page: "patient", show: showPatient },
  { method: "POST", path: "/patient/*/export", page: "patient", may: "read", act: exportPatient },
  { method: "GET", path: "/people", page: "people", show: showPeople },
  { method: "GET", path: "/grants/*", page: "grant", show: showGrant },
  { method: "GET", path: "/reviews/activity", page: "activity review", show: showActivityReview },
  {
    method: "POST",
    path: "/reviews/activity/export",
    page: "activity review",
    may: "read",
    act: exportActivityReview,
  },
  {
    method: "POST",
    path: "/reviews/activity/sign",
    page: "activity review",
    may: "sign",
    act: signActivityReview,
  },
  { method: "GET", path: "/reviews/access", page: "access review", show: showAccessReview },
  {
    method: "POST",
    path: "/reviews/access/export",
    page: "access review",
    may: "read",
    act: exportAccessReview,
  },
  {
    method: "POST",
    path: "/reviews/access/sign",
    page: "access review",
    may: "sign",
    act: signAccessReview,
  },
  { method: "GET", path: "/openings", page: "openings", show: showOpenings },
  { method: "POST", path: "/openings/*/sign", page: "openings", may: "sign", act: signOpening },
  { method: "GET", path: "/servers", page: "servers", show: showServers },
  { method: "GET", path: "/releases", page: "releases", show: showReleases },
  { method: "GET", path: "/log", page: "log", show: showLog },
  { method: "POST", path: "/log/verify", page: "log", may: "read", act: startVerifying },
  { method: "POST", path: "/leave", page: "leave", may: "read", act: leave },
];
