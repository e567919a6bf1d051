// Without this file the report reads the same: it shows a picture large, and opens everything for the printer.
"use strict";

(() => {
  const dialog = document.querySelector("dialog");
  const [image, caption] = [dialog.querySelector("img"), dialog.querySelector("p")];
  document.querySelectorAll("[data-zoom]").forEach((button) =>
    button.addEventListener("click", () => {
      image.src = button.querySelector("img").src;
      image.alt = button.querySelector("img").alt;
      caption.textContent = button.dataset.zoom;
      dialog.showModal();
    }),
  );
  dialog.addEventListener("click", () => dialog.close());
  // A link into a closed part opens it.
  const open = () => document.querySelector(location.hash || null)?.closest("details")?.setAttribute("open", "");
  window.addEventListener("hashchange", open);
  if (location.hash) open();
})();
