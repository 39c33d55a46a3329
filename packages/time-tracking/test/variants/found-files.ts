/** Files as FlowForge's programs leave them, and what they mean. */
type Json = Record<string, unknown>;

export type FoundVariant = "seconds" | "hours" | "hours-unix" | "minutes" | "milliseconds";

interface Found {
  readonly text: string;
  /** Task, actor, start, end, worked milliseconds, local day in Berlin. */
  readonly entries: readonly (readonly unknown[])[];
  readonly problems?: readonly unknown[];
  /** Parts that no change of other records may touch. */
  readonly untouched: readonly string[];
  /** The record of task 900, without what is ours. */
  readonly recordOf: (file: Json) => Record<string, unknown>;
  readonly written: Record<string, unknown>;
  readonly withoutTotals: (file: Json) => unknown;
}

type Tasks = Record<string, { sessions: Record<string, unknown>[]; last_updated?: string }>;
const same = (file: Json): unknown => file;

export const found: Readonly<Record<FoundVariant, Found>> = {
  seconds: {
    text: `{"sessions": {
  "142": {"total_seconds": 5400, "last_updated": "2026-03-01T10:30:00.000Z", "sessions": [
    {"start": "2026-03-01T09:00:00.400Z", "end": "2026-03-01T10:30:01.100Z", "duration": 5400, "custom": 9007199254740993}
  ]},
  "7":   {"total_seconds": 60, "sessions": [{"start": "2026-03-01T23:30:00+01:00", "end": "2026-03-01T23:31:00+01:00", "duration": 30}]}
}}
`,
    entries: [
      ["142", "developer", "2026-03-01T09:00:00.400Z", "2026-03-01T10:30:01.100Z", 5_400_700, "2026-03-01"],
      ["7", "developer", "2026-03-01T22:30:00.000Z", "2026-03-01T22:31:00.000Z", 30_000, "2026-03-01"],
    ],
    untouched: [
      '"custom": 9007199254740993}',
      '"7":   {"total_seconds": 60, "sessions": [{"start"',
      '"142": {"total_seconds": 5400',
    ],
    recordOf: (file) => (file["sessions"] as unknown as Tasks)["900"]?.sessions[0] ?? {},
    written: { start: "2026-03-02T12:00:00.250Z", end: "2026-03-02T12:20:34.817Z", duration: 1_234 },
    withoutTotals: (file) => {
      const tasks = file["sessions"] as unknown as Tasks;
      for (const task of Object.values(tasks)) delete task.last_updated;
      return { tasks: Object.fromEntries(Object.entries(tasks).map(([id, { sessions }]) => [id, sessions])) };
    },
  },
  hours: {
    text: `{
  "142": {
    "status": "paused",
    "current_session": null,
    "sessions": [
      { "start": "2026-03-01T09:00:00Z", "user": "ada", "instance_id": "ada@host:1:2", "end": "2026-03-01T10:20:07Z", "duration": 1.34, "reason": "Lunch", "custom": 9007199254740993 },
      { "start": "2026-03-01T23:30:00Z", "user": "bob", "instance_id": "b", "end": "2026-03-01T23:29:00Z", "duration": -0.02 }
    ],
    "total_hours": 1.32
  },
  "8": { "status": "completed", "sessions": [{ "start": "2026-03-01T23:30:00Z", "user": "bob", "instance_id": "b", "end": "2026-03-01T23:45:00Z", "duration": 0.25 }] }
}
`,
    entries: [
      ["142", "ada", "2026-03-01T09:00:00.000Z", "2026-03-01T10:20:07.000Z", 4_807_000, "2026-03-01"],
      ["8", "bob", "2026-03-01T23:30:00.000Z", "2026-03-01T23:45:00.000Z", 900_000, "2026-03-02"],
    ],
    problems: [{ taskId: "142", index: 1, why: "it ends before it begins" }],
    untouched: [
      '"custom": 9007199254740993 }',
      '"duration": -0.02 }',
      '"8": { "status": "completed", "sessions": [{ "start"',
    ],
    recordOf: (file) => (file as unknown as Tasks)["900"]?.sessions[0] ?? {},
    written: {
      start: "2026-03-02T12:00:00Z",
      user: "eve",
      instance_id: "",
      end: "2026-03-02T12:20:34Z",
      duration: 0.34,
    },
    withoutTotals: same,
  },
  "hours-unix": {
    text: `{"142":{"status":"closed","current_session":null,"sessions":[{"start":1772355600,"user":"ada","instance_id":"i","end":"2026-03-01T10:00:00Z","duration":1,"custom": 9007199254740993}]}}`,
    entries: [
      ["142", "ada", "2026-03-01T09:00:00.000Z", "2026-03-01T10:00:00.000Z", 3_600_000, "2026-03-01"],
    ],
    untouched: [
      '{"start":1772355600,"user":"ada","instance_id":"i","end":"2026-03-01T10:00:00Z","duration":1,"custom": 9007199254740993}',
    ],
    recordOf: (file) => (file as unknown as Tasks)["900"]?.sessions[0] ?? {},
    written: { start: 1_772_452_800, user: "eve", instance_id: "", end: 1_772_454_034, duration: 0.34 },
    withoutTotals: same,
  },
  minutes: {
    text: `{
    "sessions": [
        {"session_id": "s-1", "issue_id": 142, "start_time": "2026-03-01T09:00:00Z", "duration_minutes": 95, "type": "coding", "custom": 9007199254740993}
    ],
    "current_session": {"session_id": "s-2", "issue_id": "7", "start_time": "2026-03-01T09:00:00Z", "elapsed_minutes": 3, "is_active": false}
}`,
    entries: [
      ["142", "developer", "2026-03-01T09:00:00.000Z", "2026-03-01T10:35:00.000Z", 5_700_000, "2026-03-01"],
    ],
    untouched: [
      '"issue_id": 142, "start_time": "2026-03-01T09:00:00Z", "duration_minutes": 95, "type": "coding", "custom": 9007199254740993}',
    ],
    recordOf: (file) => {
      const { session_id: _, ...record } = (file["sessions"] as Record<string, unknown>[])[1] ?? {};
      return record;
    },
    written: { issue_id: "900", start_time: "2026-03-02T12:00:00Z", duration_minutes: 21, type: "work" },
    withoutTotals: same,
  },
  milliseconds: {
    text: `{"sessions":[
{"sessionId":"s-1","taskId":"142","startTime":"2026-03-01T09:00:00.000Z","endTime":"2026-03-01T10:00:00.000Z","totalDuration":3000001,"billableTime":3000001,"billable":true,"custom": 9007199254740993},
{"sessionId":"s-2","taskId":"7","startTime":"2026-03-01T11:00:00.000Z","endTime":null,"totalDuration":0,"billableTime":0,"billable":false}
],"lastSync":"2026-03-01T10:00:30.000Z"}
`,
    entries: [
      ["142", "developer", "2026-03-01T09:00:00.000Z", "2026-03-01T10:00:00.000Z", 3_000_001, "2026-03-01"],
    ],
    untouched: [
      '"totalDuration":3000001,"billableTime":3000001,"billable":true,"custom": 9007199254740993}',
      '"endTime":null,"totalDuration":0,"billableTime":0,"billable":false}',
    ],
    recordOf: (file) => {
      const { sessionId: _, ...record } = (file["sessions"] as Record<string, unknown>[])[2] ?? {};
      return record;
    },
    written: {
      taskId: "900",
      startTime: "2026-03-02T12:00:00.250Z",
      endTime: "2026-03-02T12:20:34.817Z",
      totalDuration: 1_234_567,
      billableTime: 1_234_567,
      billable: true,
    },
    withoutTotals: same,
  },
};
