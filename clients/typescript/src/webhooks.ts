/** Webhooks: the service posts what happened to a server of one's own. */
import type {
  WebhookDeliveryPage,
  WebhookDeliveryView,
  WebhookBody,
  WebhookChanges,
  WebhookList,
  WebhookView,
  WebhookWithSecret,
} from "./generated/types.gen.ts";
import { path, type CallOptions, type Transport } from "./transport.ts";

const WEBHOOKS = "/v2/webhooks";

/** What can be asked of webhooks. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Post what happens from now on; the secret is not shown again. */
  create(what: WebhookBody, options: CallOptions = {}): Promise<WebhookWithSecret> {
    const call = { ...options, method: "POST", body: what };
    return this.#transport.json({ ...call, path: WEBHOOKS });
  }

  /** All webhooks, the oldest first. */
  async list(options: CallOptions = {}): Promise<WebhookView[]> {
    return (await this.#transport.json<WebhookList>({ ...options, path: WEBHOOKS })).webhooks;
  }

  /** One webhook. */
  get(id: string, options: CallOptions = {}): Promise<WebhookView> {
    return this.#transport.json({ ...options, path: path(`${WEBHOOKS}/{}`, id) });
  }

  /** Change where to post, which events, or whether at all; the rest stays. */
  change(id: string, changes: WebhookChanges, options: CallOptions = {}): Promise<WebhookView> {
    const call = { ...options, method: "PATCH", body: changes, repeatable: true };
    return this.#transport.json({ ...call, path: path(`${WEBHOOKS}/{}`, id) });
  }

  /** A new secret; for a day what is posted is signed with the old one too. */
  rotate(id: string, options: CallOptions = {}): Promise<WebhookWithSecret> {
    const call = { ...options, method: "POST" };
    return this.#transport.json({ ...call, path: path(`${WEBHOOKS}/{}:rotate`, id) });
  }

  /** Post the event `webhook.test`. */
  test(id: string, options: CallOptions = {}): Promise<WebhookDeliveryView> {
    const call = { ...options, method: "POST" };
    return this.#transport.json({ ...call, path: path(`${WEBHOOKS}/{}:test`, id) });
  }

  /** End a webhook: what is not delivered yet is not posted. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#transport.send({
      ...options,
      method: "DELETE",
      path: path(`${WEBHOOKS}/{}`, id),
    });
  }

  /** The deliveries of a webhook, newest first. */
  async *deliveries(id: string, options: CallOptions = {}): AsyncGenerator<WebhookDeliveryView> {
    const listed = path(`${WEBHOOKS}/{}/deliveries`, id);
    for await (const page of this.#transport.pages<WebhookDeliveryPage>(listed, {}, options)) {
      yield* page.deliveries;
    }
  }

  /** Post an event once more, with the same `webhook-id`. */
  replay(id: string, jobId: string, options: CallOptions = {}): Promise<WebhookDeliveryView> {
    const call = { ...options, method: "POST" };
    const replayed = path(`${WEBHOOKS}/{}/deliveries/{}:replay`, id, jobId);
    return this.#transport.json({ ...call, path: replayed });
  }
}
