/** What `POST /v1/plays` answers, as it is. */
export interface Play {
  session_id: string;
  token: string;
  /** Epoch milliseconds of the server's clock; only their difference is used. */
  opened_at: number;
  expires_at: number;
  heartbeat_seconds: number;
  resource?: { kind: string; duration_seconds: number };
  quizzes?: Quiz[];
  /** null where no worker answered in time, or the platform asked for none. */
  progress?: Progress | null;
}

export interface Quiz {
  quiz_id: string;
  at_seconds: number;
  /** The questions' names, as they are handed in. */
  questions: string[];
  /** The same questions as they are read; empty where the programme file has no wording. */
  wording?: Question[];
}

export interface Question {
  id: string;
  text: string;
  /** More than one may be chosen. */
  several: boolean;
  choices: { id: string; text: string }[];
}

/**
 * What `GET /v1/progress` answers. Positions in media milliseconds, stretches flat lists
 * [from, to, from, to, …], moments in epoch milliseconds.
 */
export interface Progress {
  resource_id: string;
  /** Where to play on; 0 where nothing is missing. */
  continue_at_ms: number;
  /** The numbers (seq) of this play's events that are decided, as stretches. */
  heard: number[];
  programmes: ProgressInProgramme[];
}

export interface ProgressInProgramme {
  programme_id: string;
  state: "not_started" | "started" | "done";
  /** Whether what is watched now counts there. */
  counts_now: boolean;
  covered: number[];
  missing: number[];
  /** What has still to be watched, the programme's tolerances applied. */
  to_watch: number[];
  continue_at_ms: number;
  quizzes: {
    quiz_id: string;
    passed: boolean;
    /** What behind the quiz was not watched after it was passed. */
    missing_after: number[];
    /** Hand-ins that are looked at in any 24 hours; null: all are. `next_at` once none is left. */
    attempts: { limit: number; left: number; next_at: number | null } | null;
  }[];
}

export interface Options extends Play {
  /** The collector, `https://collector.example`, without a path. */
  endpoint: string;
  /** Opens another play of the same teacher and resource, through the platform. */
  renew?: () => Promise<Play>;
}

/** Media positions in seconds. */
export interface Heartbeat {
  type: "heartbeat";
  seq: number;
  from: number;
  to: number;
  rate: number;
}

export interface QuizAnswers {
  type: "quiz";
  seq: number;
  quiz_id: string;
  answers: Record<string, string | string[]>;
}

export type PlayEvent = Heartbeat | QuizAnswers;

/** One entry of the collector's `errors`. */
export interface Refusal {
  loc: (string | number)[];
  type: string;
  msg: string;
}

export interface HandleEvents {
  /** The collector has these events safe. */
  accepted: CustomEvent<{ session: string; events: PlayEvent[] }>;
  /** The collector will never take these; it has kept what is wrong with them (rule 19). */
  refused: CustomEvent<{ session: string; events: PlayEvent[]; errors: Refusal[] }>;
  /** These could not be delivered while their token was valid, or did not fit into the queue. */
  lost: CustomEvent<{ session: string; events: PlayEvent[]; reason: "expired" | "full" }>;
  /** Another play goes on with what is played from now on. */
  renewed: CustomEvent<Play>;
}

export interface Handle extends EventTarget {
  /** The play that goes on, with the options that were given; null while there is none. */
  readonly play: Options | null;
  /** Events that the collector has not acknowledged yet, of this page. */
  readonly pending: number;
  /** Hand in a quiz: {"1": "A", "2": ["B", "C"]}. */
  answer(quizId: string, answers: QuizAnswers["answers"]): void;
  /** Send all there is now; resolves after one attempt. */
  flush(): Promise<void>;
  /** Stop tracking; what was played goes on being sent. Resolves after one attempt. */
  detach(): Promise<void>;
  addEventListener<K extends keyof HandleEvents>(
    type: K, listener: (event: HandleEvents[K]) => void, options?: AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions): void;
}

export function attach(video: HTMLMediaElement, options: Options): Handle;

/** What an adapter of a player takes: the play of one film, or how to open the play of each. */
export interface FollowOptions extends Partial<Play> {
  endpoint: string;
  /** The address that the play given here is of; without it, the first that the player shows. */
  source?: string;
  /** Names the film of an address, such as without its signature; without it, all of it does. */
  filmOf?: (address: string) => string;
  /** Opens a play of another film; null if it counts for nothing, such as an advert. */
  open?: (source: string) => Promise<Play | null>;
  /** Opens another play of the same teacher and film, through the platform. */
  renew?: (source: string) => Promise<Play>;
}

export interface FollowedEvents extends HandleEvents {
  /** Another film, or the same again; without a play nothing is told of it. */
  changed: CustomEvent<{ source: string; play: Play | null }>;
}

export interface Followed extends Handle {
  /** Also stops following the player, which does so itself when it is disposed of or destroyed. */
  detach(): Promise<void>;
  addEventListener<K extends keyof FollowedEvents>(
    type: K, listener: (event: FollowedEvents[K]) => void, options?: AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions): void;
}
