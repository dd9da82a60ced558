/** What `POST /v1/plays` answers, as it is. */
export interface Play {
  session_id: string;
  token: string;
  /** Epoch milliseconds of the server's clock; only their difference is used. */
  opened_at: number;
  expires_at: number;
  heartbeat_seconds: number;
  resource?: { kind: string; duration_seconds: number };
  quizzes?: { quiz_id: string; at_seconds: number; questions: string[] }[];
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
