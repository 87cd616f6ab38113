/* Choice among many rows: a text field that suggests, in place of a select that could not list
   them all. The select keeps the value: the form is sent as if this script did not exist. A text
   that is typed and not chosen stays, says so, and is sent beside: the server reads it, or tells.
   Pattern: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ (list autocomplete). */
(() => {
  const DELAY = 200;
  const SLOW = 600;
  const MARGIN = 8;
  let count = 0;

  const element = (tag, attributes = {}, text = "") => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };

  class Field {
    constructor(select) {
      this.select = select;
      this.multiple = select.multiple;
      this.base = `ac-${++count}`;
      this.options = [];
      this.active = -1;
      this.build();
      if (this.multiple) this.showChosen();
      else this.input.value = this.chosenLabel();
      if (select.dataset.saisi) {
        this.input.value = select.dataset.saisi;
        this.note();
      }
      this.listen();
    }

    build() {
      const { select } = this;
      // The field takes the select's place, its label's and its error's links included.
      const id = select.id || `${this.base}-champ`;
      const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      select.id = `${id}-valeur`;
      this.input = element("input", {
        type: "text",
        id,
        role: "combobox",
        autocomplete: "off",
        spellcheck: "false",
        "aria-autocomplete": "list",
        "aria-expanded": "false",
        "aria-controls": `${this.base}-liste`,
      });
      for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) {
        if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
      }
      this.input.disabled = select.disabled;
      if (select.required) this.input.setAttribute("aria-required", "true");
      const name = label ? label.textContent.trim() : select.getAttribute("aria-label");
      this.list = element("ul", {
        id: `${this.base}-liste`,
        class: "suggestions",
        role: "listbox",
        "aria-label": name || "Suggestions",
        hidden: "",
      });
      this.status = element("span", { role: "status", class: "etat" });
      this.chosen = element("ul", { class: "choisis" });
      select.hidden = true;
      if (this.multiple) select.before(this.chosen);
      select.after(this.input, this.list, this.status);
    }

    chosenLabel() {
      const option = this.select.selectedOptions[0];
      return option && option.value ? option.textContent.trim() : "";
    }

    showChosen() {
      this.chosen.replaceChildren(
        ...[...this.select.selectedOptions].map((option) => {
          const item = element("li", {}, option.textContent.trim());
          if (!this.select.disabled) {
            const remove = element("button", { type: "button" }, "×");
            remove.setAttribute("aria-label", `Retirer ${option.textContent.trim()}`);
            remove.addEventListener("click", () => {
              option.remove();
              this.showChosen();
              this.input.focus();
            });
            item.append(remove);
          }
          return item;
        }),
      );
    }

    get typed() {
      return this.input.value.trim();
    }

    /* Whether what is typed is no choice yet. */
    get isPending() {
      return this.typed !== "" && (this.multiple || this.typed !== this.chosenLabel());
    }

    /* What is not chosen is sent beside the value, so that it is never lost without a word. */
    note() {
      if (this.isPending) {
        this.input.name = `${this.select.name}_code`;
        this.input.setAttribute("aria-invalid", "true");
      } else {
        this.input.removeAttribute("name");
        if (this.select.getAttribute("aria-invalid") !== "true") {
          this.input.removeAttribute("aria-invalid");
        }
      }
    }

    warn() {
      this.tell(`« ${this.typed} » n’est pas encore choisi : choisissez dans la liste, ou effacez.`);
    }

    listen() {
      this.input.addEventListener("input", () => {
        clearTimeout(this.timer);
        this.timer = null;
        this.note();
        if (!this.multiple && this.input.value.trim() === "") {
          this.empty();
          this.close();
          return;
        }
        if (this.typed === "") {
          this.close();
          return;
        }
        this.timer = setTimeout(() => this.search(), DELAY);
      });
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.input.addEventListener("blur", () => this.onBlur());
      // Before the blur that the press would cause.
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const option = event.target.closest("[role=option]");
        if (option) this.pick([...this.list.children].indexOf(option));
      });
      window.addEventListener("scroll", () => this.place(), { passive: true, capture: true });
      window.addEventListener("resize", () => this.place(), { passive: true });
    }

    async search() {
      clearTimeout(this.timer);
      this.timer = null;
      const term = this.input.value.trim();
      const { autocompletion, appLabel, modelName, fieldName } = this.select.dataset;
      const query = new URLSearchParams({
        term,
        app_label: appLabel,
        model_name: modelName,
        field_name: fieldName,
      });
      this.asking?.abort();
      const asking = new AbortController();
      this.asking = asking;
      const slow = setTimeout(() => this.tell("Recherche en cours…"), SLOW);
      let found;
      try {
        const answer = await fetch(`${autocompletion}?${query}`, {
          credentials: "same-origin",
          signal: asking.signal,
        });
        // Signed out meanwhile: the answer is the page to sign in.
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        found = await answer.json();
      } catch {
        if (asking.signal.aborted) return;
        this.entered = false;
        this.close();
        this.tell("La recherche n’a pas répondu : réessayez, ou rechargez la page.");
        return;
      } finally {
        clearTimeout(slow);
      }
      if (this.asking === asking && document.activeElement === this.input) {
        this.open(found.results, found.pagination?.more, term);
      }
    }

    tell(sentence) {
      this.status.textContent = sentence;
    }

    empty() {
      if (this.select.value === "") return;
      this.select.replaceChildren(new Option("", "", true, true));
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    open(results, more, term) {
      this.options = results;
      this.active = -1;
      this.list.replaceChildren(
        ...results.map(({ text }, rank) =>
          element("li", { role: "option", id: `${this.base}-${rank}`, "aria-selected": "false" }, text),
        ),
      );
      this.list.hidden = results.length === 0;
      this.input.setAttribute("aria-expanded", String(results.length > 0));
      this.input.removeAttribute("aria-activedescendant");
      const several = results.length > 1 ? "s" : "";
      if (results.length === 0) this.tell(`Aucun résultat pour « ${term} » parmi vos choix.`);
      else if (more) this.tell(`Les ${results.length} premiers : précisez pour voir les autres.`);
      else this.tell(`${results.length} résultat${several}`);
      this.place();
      if (this.entered) {
        this.entered = false;
        this.enter();
      }
    }

    /* The single answer is chosen, or the first shown for the key to choose when pressed again. */
    enter() {
      if (this.list.hidden) {
        if (this.typed && this.options.length) this.warn();
      } else if (this.active >= 0) {
        this.pick(this.active);
      } else if (this.options.length === 1) {
        this.pick(0);
      } else {
        this.move(1);
        this.tell(`Plusieurs réponses : Entrée choisit « ${this.options[0].text} ».`);
      }
    }

    place() {
      if (this.list.hidden) return;
      // Fixed: a table that scrolls would cut the list off.
      const box = this.input.getBoundingClientRect();
      this.list.style.minWidth = `${box.width}px`;
      this.list.style.maxWidth = `${Math.min(480, window.innerWidth - MARGIN * 2)}px`;
      const furthest = document.documentElement.clientWidth - this.list.offsetWidth - MARGIN;
      this.list.style.left = `${Math.max(MARGIN, Math.min(box.left, furthest))}px`;
      // Above the field when there is more room there.
      const below = window.innerHeight - box.bottom;
      const up = below < this.list.offsetHeight && box.top > below;
      this.list.style.top = up ? "auto" : `${box.bottom}px`;
      this.list.style.bottom = up ? `${window.innerHeight - box.top}px` : "auto";
    }

    close() {
      this.asking?.abort();
      this.list.hidden = true;
      this.active = -1;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
      this.tell("");
    }

    leave() {
      if (this.active >= 0) this.list.children[this.active].setAttribute("aria-selected", "false");
      this.active = -1;
      this.input.removeAttribute("aria-activedescendant");
    }

    move(step) {
      if (this.list.hidden) {
        this.search();
        return;
      }
      const { children } = this.list;
      if (this.active >= 0) children[this.active].setAttribute("aria-selected", "false");
      this.active = (this.active + step + children.length) % children.length;
      const option = children[this.active];
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    }

    pick(rank) {
      const { id, text } = this.options[rank];
      if (this.multiple) {
        const known = [...this.select.options].find((option) => option.value === id);
        if (known) known.selected = true;
        else this.select.append(new Option(text, id, true, true));
        this.input.value = "";
        this.showChosen();
      } else {
        this.select.replaceChildren(new Option("", ""), new Option(text, id, true, true));
        this.input.value = text;
      }
      // What the server refused is chosen now.
      this.select.removeAttribute("aria-invalid");
      this.note();
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
      this.close();
    }

    onKey(event) {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.move(event.key === "ArrowDown" ? 1 : this.active < 0 ? 0 : -1);
      } else if (event.key === "Enter" && (this.isPending || this.active >= 0)) {
        // The form is not sent with a text that is no choice.
        event.preventDefault();
        if (!this.list.hidden && this.timer === null) {
          this.enter();
        } else {
          this.entered = true;
          this.search();
        }
      } else if (event.key === "Escape") {
        event.preventDefault();
        if (this.list.hidden) this.input.value = this.multiple ? "" : this.chosenLabel();
        this.note();
        this.close();
      } else if ((event.key === "Home" || event.key === "End") && this.active >= 0) {
        // Back to the text: the arrows alone walk the list.
        this.leave();
      }
    }

    onBlur() {
      clearTimeout(this.timer);
      this.timer = null;
      this.entered = false;
      const same = this.options.findIndex(({ text }) => text === this.typed);
      if (this.isPending && !this.list.hidden && same >= 0) {
        this.pick(same);
        return;
      }
      this.close();
      if (!this.multiple && this.typed === "") this.empty();
      this.note();
      if (this.isPending) this.warn();
    }
  }

  const start = (root) => {
    for (const select of root.querySelectorAll("select[data-autocompletion]")) {
      if (!select.name.includes("__prefix__") && !select.hidden) new Field(select);
    }
  };
  start(document);
  document.addEventListener("formset:added", (event) => start(event.target));
})();
