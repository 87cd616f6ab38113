/* Comfort of the back-office's forms: the errors are read first, nothing typed is left by mistake,
   rows are added and taken away by keyboard. Everything works without this script. */
(() => {
  const summary = document.querySelector(".resume-erreurs, #content .errornote");
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
  }
  document.querySelector(".resume-erreurs")?.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const target = field.matches("input, select, textarea") ? field : field.querySelector("input");
    (target || field).focus();
    field.closest(".form-row, td, div")?.scrollIntoView({ block: "center" });
  });

  const form = document.querySelector(".change-form #content-main > form");
  if (form) {
    // A form that came back refused still holds what was typed.
    let unsaved = Boolean(summary);
    let leaving = false;
    const note = (event) => {
      if (event.target.name !== "action") unsaved = true;
    };
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("submit", () => {
      leaving = true;
    });
    window.addEventListener("pageshow", () => {
      leaving = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (unsaved && !leaving) event.preventDefault();
    });
  }

  // Django's buttons of the rows are links: the space bar works on them too.
  document.addEventListener("keydown", (event) => {
    const button = event.key === " " && event.target.closest("a[role='button']");
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
  document.addEventListener("formset:added", (event) => {
    event.target
      .querySelector("input:not([type='hidden'], [hidden]), select:not([hidden]), textarea")
      ?.focus();
  });
  document.addEventListener("formset:removed", (event) => {
    document.querySelector(`#${CSS.escape(event.detail.formsetName)}-group .add-row a`)?.focus();
  });
})();
