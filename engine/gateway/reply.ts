/** The way back to the client, the same for HTTP and stdio. */
export interface Reply {
  /** The last message, or none; on HTTP with this status, unless a stream is open already. */
  end(status: number, text?: string, headers?: Readonly<Record<string, string>>): void;
  /** A message before the last one; on HTTP the first of them opens a stream. Resolves when there is room for more. */
  write(text: string, eventId?: string): Promise<void>;
  /** Tells the place in the stream from which a client may resume; nothing on stdio. */
  place(eventId: string | undefined): Promise<void>;
  /** Opens the stream without a message: on HTTP, a GET is answered before anything happens. */
  open(headers?: Readonly<Record<string, string>>): void;
  /** Called once when the client is gone before the end. */
  onGone(listener: () => void): void;
}
