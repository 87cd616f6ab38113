/* « Essayer » beside each example of the API: the answer under its address. Without this script the
   addresses are links, and open as they are. */
const HEADERS = ["Content-Type", "X-Total-Count", "ETag", "RateLimit"];
const LONGEST = 20_000; // characters shown

const element = (tag, attributes = {}, text = "") => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
};

const written = (response, text) => {
  const told = HEADERS.filter((name) => response.headers.has(name)).map(
    (name) => `${name}: ${response.headers.get(name)}`,
  );
  let body = text;
  if (/json/.test(response.headers.get("Content-Type"))) body = JSON.stringify(JSON.parse(text), null, 1);
  const cut = body.length > LONGEST ? `${body.slice(0, LONGEST)}\n… (la suite à l’adresse)` : body;
  return `HTTP ${response.status}\n${told.join("\n")}\n\n${cut}`;
};

const ask = async (address) => {
  try {
    const response = await fetch(address, { credentials: "omit" });
    return written(response, await response.text());
  } catch {
    return "Aucune réponse : vérifiez la connexion, puis essayez de nouveau.";
  }
};

for (const example of document.querySelectorAll("[data-essai]")) {
  const address = example.querySelector("a").getAttribute("href");
  const button = element(
    "button",
    { type: "button", class: "fr-btn fr-btn--sm fr-btn--tertiary" },
    "Essayer",
  );
  button.append(element("span", { class: "fr-sr-only" }, ` ${address}`));
  const answer = element("pre", { class: "tableau-cadre", role: "status", tabindex: "0" });
  answer.hidden = true;
  answer.setAttribute("aria-label", `Réponse de ${address}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    answer.hidden = false;
    answer.textContent = "…";
    answer.textContent = await ask(address);
    button.disabled = false;
    button.focus();
  });
  example.append(" ", button, answer);
}
