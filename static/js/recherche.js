/* Suggestions under every search box marked `data-suggestions`. Without this script the box is an
   ordinary form: nothing is lost but the suggestions.
   Pattern: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ (list autocomplete, manual). */
const DELAY = 150; // milliseconds of rest before asking
const SHORTEST = 2; // letters

const element = (tag, attributes = {}, text = "") => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
};

class Suggestions {
  constructor(input) {
    this.input = input;
    this.address = new URL("suggestions/", new URL(input.form.action, location.href));
    this.results = [];
    this.active = -1;
    this.build();
    this.listen();
  }

  build() {
    const id = `${this.input.id}-suggestions`;
    for (const [name, value] of Object.entries({
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
    })) {
      this.input.setAttribute(name, value);
    }
    this.panel = element("div", { class: "suggestions", hidden: "" });
    this.mention = element("p", { class: "suggestions-mention", hidden: "" });
    this.list = element("ul", { id, role: "listbox", "aria-label": "Suggestions" });
    this.panel.append(this.mention, this.list);
    this.status = element("p", { role: "status", class: "fr-sr-only" });
    this.input.form.classList.add("avec-suggestions");
    this.input.form.append(this.panel, this.status);
  }

  listen() {
    this.input.addEventListener("input", () => this.wait());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.close());
    // Keep the focus in the box, so that a click is not first a blur that closes the list.
    this.panel.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose([...this.list.children].indexOf(option));
    });
  }

  wait() {
    clearTimeout(this.timer);
    this.request?.abort();
    if (this.input.value.trim().length < SHORTEST) {
      this.close();
      return;
    }
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    const text = this.input.value.trim();
    this.request = new AbortController();
    this.address.search = new URLSearchParams({ q: text });
    try {
      const response = await fetch(this.address, { signal: this.request.signal });
      if (!response.ok) throw new Error(response.status);
      this.show(await response.json());
    } catch (error) {
      // Superseded, refused or out of reach: the form still works.
      if (error.name !== "AbortError") this.close();
    }
  }

  show({ correction, results }) {
    if (document.activeElement !== this.input) return;
    this.results = results;
    this.activate(-1);
    this.mention.hidden = !correction;
    this.mention.textContent = correction ? `Vouliez-vous dire « ${correction} » ?` : "";
    this.list.replaceChildren(
      ...results.map((result, rank) => {
        const option = element("li", {
          role: "option",
          id: `${this.list.id}-${rank}`,
          "aria-selected": "false",
        });
        const kind = [result.type, result.precision].filter(Boolean).join(" – ");
        option.append(
          element("span", { class: "suggestion-nom" }, result.nom),
          element("span", { class: "suggestion-precision" }, kind),
        );
        return option;
      }),
    );
    this.open(results.length > 0);
    const found = { 0: "Aucune suggestion", 1: "1 suggestion" };
    this.status.textContent = `${found[results.length] ?? `${results.length} suggestions`}. ${this.mention.textContent}`;
  }

  open(shown) {
    this.panel.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.activate(-1);
    this.open(false);
    this.status.textContent = "";
  }

  activate(rank) {
    this.active = rank;
    [...this.list.children].forEach((option, position) => {
      option.setAttribute("aria-selected", String(position === rank));
    });
    const option = this.list.children[rank];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  choose(rank) {
    location.assign(this.results[rank].url);
  }

  onKey(event) {
    const shown = !this.panel.hidden;
    const count = this.results.length;
    if (event.key === "Escape" && shown) {
      this.close();
    } else if (event.key === "Enter" && shown && this.active >= 0) {
      this.choose(this.active);
    } else if (event.key === "ArrowDown" && !shown) {
      this.wait();
    } else if (event.key === "ArrowDown") {
      this.activate(this.active + 1 < count ? this.active + 1 : -1);
    } else if (event.key === "ArrowUp" && shown) {
      this.activate(this.active >= 0 ? this.active - 1 : count - 1);
    } else {
      return;
    }
    event.preventDefault();
  }
}

for (const input of document.querySelectorAll("input[data-suggestions]")) new Suggestions(input);
