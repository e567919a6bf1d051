// The buy button and the page after the payment. Everything else works without this file.
"use strict";

(() => {
  const marker = (name) => document.querySelector(`meta[name="flotilla:${name}"]`).content;
  const checkout = marker("checkout");
  const TIMEOUT_MS = 15000;
  const RETRY = "Try again";

  // randomUUID is there in secure contexts alone (W3C, Web Cryptography); a shop on plain HTTP has only this.
  const newId = () =>
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const NOT_CHARGED = "You have not been charged.";
  const words = {
    timeout: `The checkout is taking too long to answer. ${NOT_CHARGED} Please try again.`,
    unreachable: `We can't reach the checkout right now. ${NOT_CHARGED} Please check your connection and try again.`,
    busy: `Many people are buying right now. ${NOT_CHARGED} Please wait a moment and try again.`,
    stale: "This attempt is no longer valid. Please try again.",
    broken: `The checkout has a problem right now. ${NOT_CHARGED} Please try again in a moment.`,
    refused: `This watch can't be bought right now. ${NOT_CHARGED} Please reload the page, or write to us.`,
  };
  const wordsFor = (status) => {
    if (status === 429) return words.busy;
    if (status === 409 || status === 410) return words.stale;
    return status >= 500 ? words.broken : words.refused;
  };

  class Refusal extends Error {
    constructor(text, final) {
      super(text);
      this.final = final; // whether the checkout certainly made no order: the next click is then a new intent
    }
  }

  async function ask(path, options = {}) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      // The checkout's one cookie keeps a buyer with the release that took the order.
      const answer = await fetch(checkout + path, { ...options, signal: abort.signal, credentials: "include" });
      if (!answer.ok) throw new Refusal(wordsFor(answer.status), answer.status < 500 && answer.status !== 429);
      return await answer.json();
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal(error.name === "AbortError" ? words.timeout : words.unreachable, false);
    } finally {
      clearTimeout(timer);
    }
  }

  function destination(answer) {
    const target = URL.canParse(answer.url) ? new URL(answer.url) : null;
    if (!target || !["https:", "http:"].includes(target.protocol)) throw new Refusal(words.broken, false);
    return target.href;
  }

  function purchase(form) {
    const [button, label, error] = ["button", "[data-label]", "[role=alert]"].map((one) => form.querySelector(one));
    const atFirst = label.textContent;
    let key = null; // one for each intent: a double click or a retry can't become a second order

    const show = (text, pending) => {
      label.textContent = text;
      button.disabled = pending;
      button.setAttribute("aria-busy", String(pending));
    };
    const reset = () => {
      key = null;
      error.textContent = "";
      show(atFirst, false);
    };

    async function buy() {
      if (button.disabled) return;
      key ??= newId();
      error.textContent = "";
      show("Taking you to the checkout…", true);
      const quantity = Number(form.querySelector("select")?.value ?? 1);
      const order = { variant: marker("variant"), sku: form.dataset.sku, quantity };
      try {
        const answer = await ask("/api/checkout", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": key, "X-Correlation-Id": newId() },
          body: JSON.stringify(order),
        });
        window.location.assign(destination(answer));
      } catch (refusal) {
        if (refusal.final) key = null;
        show(RETRY, false);
        error.textContent = refusal.message;
      }
    }

    button.addEventListener("click", buy);
    // Another amount is another order, under a key of its own.
    form.querySelector("select")?.addEventListener("change", reset);
    // Who comes back from the payment page finds the page as it was left, and may buy once more.
    window.addEventListener("pageshow", (event) => event.persisted && reset());
    reset();
  }

  const states = {
    paid: ["paid", "Thank you. Your order is paid.", "We have sent the receipt by mail and are packing your watch."],
    failed: ["failed", "The payment did not go through.", "You have not been charged. You can go back and try again."],
    partly: ["refunded", "A part of this order was refunded.", "That part of the money is on its way back to you."],
    refunded: ["refunded", "This order was refunded.", "The money is on its way back to you."],
    disputed: ["failed", "This payment is disputed.", "Your bank is looking into it. If you didn't ask for that, write to us."],
    pending: ["pending", "We are waiting for your payment.", "This takes a few seconds. You can leave this page open."],
    late: ["pending", "Your payment is still being confirmed.", "We will write to you as soon as it is. Nothing is lost."],
    unknown: ["failed", "We can't find this order.", "Please write to us, and tell us when you bought."],
    unreachable: ["pending", "We can't reach the checkout right now.", "Your order is safe. We are trying again."],
  };
  // What each status of the checkout's is for the customer; one that a newer checkout may add is waited out.
  const shown = {
    created: "pending",
    checkout_open: "pending",
    expired: "failed",
    failed: "failed",
    paid: "paid",
    fulfilled: "paid",
    partially_refunded: "partly",
    disputed: "disputed",
    refunded: "refunded",
  };
  const stateOf = (status) => shown[status] ?? "pending";

  async function follow(panel) {
    const order = new URLSearchParams(window.location.search).get("order") ?? "";
    const show = (name) => {
      const [state, title, text] = states[name];
      panel.dataset.state = state;
      panel.querySelector("h1").textContent = title;
      panel.querySelector("[data-text]").textContent = text;
    };
    if (!/^[\w-]{1,128}$/.test(order)) return show("unknown");
    panel.querySelector("[data-order]").textContent = `Order ${order}`;
    for (let pause = 500, waited = 0; waited < 120000; waited += pause, pause = Math.min(pause * 1.5, 5000)) {
      try {
        const state = stateOf((await ask(`/api/orders/${order}`)).status);
        show(state);
        if (state !== "pending") return;
      } catch (refusal) {
        show(refusal.final ? "unknown" : "unreachable");
        if (refusal.final) return;
      }
      await new Promise((resume) => setTimeout(resume, pause));
    }
    show("late");
  }

  document.querySelectorAll("[data-buy]").forEach(purchase);
  document.querySelectorAll("[data-follow]").forEach(follow);
  document.documentElement.dataset.ready = "true";
})();
