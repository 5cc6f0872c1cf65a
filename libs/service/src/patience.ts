/** How long is waited before something counts as not answered, in milliseconds. */
export type Patience = {
  /** Other services (messaging.md section 3): for the answer to a read, to a write. */
  read: number; write: number;
  /** Postgres: for a connection of the pool, for a lock, for a statement to end, for its answer to come; and how long a transaction may stand idle. */
  connection: number; lock: number; statement: number; answer: number; idle: number;
};

/** Of a running installation: whoever asks waits for somebody. */
export const PATIENCE: Patience = { read: 2000, write: 5000, connection: 2000, lock: 2000, statement: 5000, answer: 8000, idle: 5000 };
