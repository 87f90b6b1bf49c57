// Refreshes, and saves clicks; every page works without it. No inline handlers: the content policy refuses them.
(() => {
  const fetchPage = async (url, options) => {
    const answer = await fetch(url, { credentials: "same-origin", ...options });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // An error summary takes the focus, so that it is read first.
  document.querySelector("[data-focus]")?.focus();

  // A page in motion looks again: only what changed is put in place, and what was opened stays open.
  const main = document.querySelector("main[data-refresh]");
  if (main) {
    const seconds = Math.min(Number(main.dataset.refresh), 5);
    let paused = false;
    let timer = 0;
    const showPause = () => {
      const button = main.querySelector("[data-pause]");
      if (!button) return;
      button.hidden = false;
      button.textContent = paused ? "Go on refreshing" : "Pause refreshing";
      button.onclick = () => {
        paused = !paused;
        showPause();
      };
    };
    const look = async () => {
      // Nothing moves under a reader who has selected text or is inside a field.
      const busy = paused || document.hidden || !getSelection().isCollapsed || main.contains(document.activeElement);
      if (!busy) {
        try {
          const fresh = (await fetchPage(location.href)).querySelector("main");
          if (fresh) {
            const open = [...main.querySelectorAll("details")].map((one) => one.open);
            const next = fresh.querySelectorAll("details");
            open.forEach((is, index) => next[index] && (next[index].open = is));
            main.replaceChildren(...fresh.childNodes);
            showPause();
            if (!fresh.dataset.refresh) return clearInterval(timer);
          }
        } catch {
          // The server is away for a moment; the next look tries again.
        }
      }
    };
    showPause();
    timer = setInterval(look, seconds * 1000);
  }

  // The preview follows the form after a pause in typing.
  const form = document.querySelector("form[data-preview]");
  if (form) {
    let timer = 0;
    let last = 0;
    const update = async () => {
      const mine = ++last;
      const fields = new URLSearchParams(new FormData(form));
      fields.set("do", "preview");
      const page = await fetchPage(form.action, { method: "POST", body: fields });
      const preview = page.querySelector("#preview");
      if (mine === last && preview) document.querySelector("#preview").replaceChildren(...preview.childNodes);
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      // What is shown no longer belongs to what is entered.
      document.querySelector("#preview button")?.setAttribute("disabled", "");
      timer = setTimeout(() => update().catch(() => {}), 400);
    });
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (button?.value === "order") setTimeout(() => { button.disabled = true; button.textContent = "Placing…"; });
    });
  }
})();
