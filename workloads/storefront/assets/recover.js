// While traffic is split between two versions, a browser without cookies may get the page of one and the shop.js of the
// other. Its integrity then doesn't hold and it doesn't run: ask for the page anew, three times at most.
"use strict";

(() => {
  const TRIES = 3;
  const NAME = "flotilla:recover";
  const { documentElement: page } = document;
  try {
    const tries = Number(sessionStorage.getItem(NAME) ?? 0);
    if (page.dataset.ready) sessionStorage.removeItem(NAME);
    else if (tries < TRIES) {
      sessionStorage.setItem(NAME, String(tries + 1));
      window.location.reload();
    }
  } catch {
    // Without a memory we could reload for ever, so we don't begin.
  }
})();
