/** Server-sent events as text, both ways (HTML standard, section 9.2). */
export interface ServerEvent {
  /** `message` when the sender gave no name. */
  readonly name: string;
  readonly data: string;
}

/** A nameless event: a browser gives it to `onmessage`. */
export const eventText = (data: string): string => `data: ${data}\n\n`;

/** Named `heartbeat`, so that a page can tell a silent link from a calm street. */
export const HEARTBEAT_TEXT = 'event: heartbeat\ndata: {}\n\n';

/** How long a browser waits before it connects again, in milliseconds. */
export const RETRY_TEXT = 'retry: 2000\n\n';

const readEvent = (block: string): ServerEvent | null => {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value] = /^(\w+):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event' && value !== undefined) name = value;
    if (field === 'data' && value !== undefined) data.push(value);
  }
  return data.length === 0 ? null : { name, data: data.join('\n') };
};

/** Events of a byte stream, in order; comments and `retry` are skipped, an unfinished last event is dropped. */
export async function* readEvents(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = readEvent(block);
      if (event !== null) yield event;
    }
  }
}
