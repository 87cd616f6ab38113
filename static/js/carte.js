/* Zoom, pan, labels, arrow keys and "shape ↔ row of the table" on the maps of the page.
   Without this file a map is a drawing of links, and the table beside it says the same. */

const ZOOM_MAX = 12;
const FLECHES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Vue {
  /* What part of the drawing is seen: moves the SVG's viewBox, never out of the drawing. */
  constructor(carte, svg) {
    const { x, y, width, height } = svg.viewBox.baseVal;
    this.carte = carte;
    this.svg = svg;
    this.entiere = { x, y, width, height };
    this.zoom = 1;
    this.centre = { x: x + width / 2, y: y + height / 2 };
  }

  appliquer() {
    const { x, y, width, height } = this.entiere;
    const [w, h] = [width / this.zoom, height / this.zoom];
    const borner = (valeur, debut, taille, vue) =>
      Math.min(Math.max(valeur, debut + vue / 2), debut + taille - vue / 2);
    this.centre.x = borner(this.centre.x, x, width, w);
    this.centre.y = borner(this.centre.y, y, height, h);
    const coin = [this.centre.x - w / 2, this.centre.y - h / 2];
    this.svg.setAttribute("viewBox", [...coin, w, h].map((v) => v.toFixed(1)).join(" "));
    this.carte.classList.toggle("carte-zoomee", this.zoom > 1);
    this.svg.style.setProperty("--carte-zoom", this.zoom.toFixed(2)); // names keep their size
    this.carte.dispatchEvent(new CustomEvent("carte:vue"));
  }

  point(evenement) {
    const { clientX, clientY } = evenement;
    return new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  zoomer(facteur, fixe = this.centre) {
    const avant = this.zoom;
    this.zoom = Math.min(Math.max(avant * facteur, 1), ZOOM_MAX);
    const rapport = avant / this.zoom;
    this.centre = {
      x: fixe.x + (this.centre.x - fixe.x) * rapport,
      y: fixe.y + (this.centre.y - fixe.y) * rapport,
    };
    this.appliquer();
  }

  deplacer(dx, dy) {
    this.centre = { x: this.centre.x + dx, y: this.centre.y + dy };
    this.appliquer();
  }

  montrer(boite) {
    const { x, y, width, height } = this.svg.viewBox.baseVal;
    const dedans =
      boite.x >= x && boite.y >= y && boite.x + boite.width <= x + width && boite.y + boite.height <= y + height;
    if (!dedans) {
      this.centre = { x: boite.x + boite.width / 2, y: boite.y + boite.height / 2 };
      this.appliquer();
    }
  }

  entier() {
    this.zoom = 1;
    this.appliquer();
  }
}

function outils(carte, vue) {
  const barre = document.createElement("div");
  barre.className = "carte-outils";
  const actes = [
    ["+", "Agrandir la carte", () => vue.zoomer(1.6)],
    ["−", "Réduire la carte", () => vue.zoomer(1 / 1.6)],
    ["↺", "Revenir à la carte entière", () => vue.entier()],
  ];
  const boutons = actes.map(([signe, nom, acte]) => {
    const bouton = document.createElement("button");
    bouton.type = "button";
    bouton.className = "fr-btn fr-btn--sm fr-btn--secondary";
    bouton.textContent = signe;
    bouton.title = nom;
    bouton.setAttribute("aria-label", nom);
    bouton.addEventListener("click", acte);
    barre.append(bouton);
    return bouton;
  });
  const accorder = () => {
    // aria-disabled, not disabled: a button that has the focus must not lose it.
    boutons[0].setAttribute("aria-disabled", String(vue.zoom >= ZOOM_MAX));
    boutons[1].setAttribute("aria-disabled", String(vue.zoom <= 1));
    boutons[2].setAttribute("aria-disabled", String(vue.zoom <= 1));
  };
  carte.addEventListener("carte:vue", accorder);
  accorder();
  carte.append(barre);
}

function gestes(svg, vue) {
  const doigts = new Map();
  let parcouru = 0;
  const ecart = () => {
    const [a, b] = [...doigts.values()];
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  };
  svg.addEventListener("pointerdown", (evenement) => {
    parcouru = 0;
    doigts.set(evenement.pointerId, evenement);
  });
  svg.addEventListener("pointermove", (evenement) => {
    const avant = doigts.get(evenement.pointerId);
    if (!avant) return;
    if (doigts.size === 2) {
      const ancien = ecart();
      doigts.set(evenement.pointerId, evenement);
      vue.zoomer(ecart() / ancien, vue.point(evenement));
      parcouru = Infinity;
    } else if (vue.zoom > 1) {
      const [p, q] = [vue.point(avant), vue.point(evenement)];
      parcouru += Math.hypot(evenement.clientX - avant.clientX, evenement.clientY - avant.clientY);
      // Captured only once it is a drag: a plain click must still reach the link.
      if (parcouru > 4) svg.setPointerCapture(evenement.pointerId);
      vue.deplacer(p.x - q.x, p.y - q.y);
      doigts.set(evenement.pointerId, evenement);
    }
  });
  for (const fin of ["pointerup", "pointercancel", "pointerleave"]) {
    svg.addEventListener(fin, (evenement) => doigts.delete(evenement.pointerId));
  }
  svg.addEventListener("dragstart", (evenement) => evenement.preventDefault());
  svg.addEventListener(
    "click",
    (evenement) => {
      if (parcouru > 4) evenement.preventDefault();
      parcouru = 0;
    },
    true,
  );
  svg.addEventListener(
    "wheel",
    (evenement) => {
      // The wheel alone scrolls the page; with Ctrl (or a pinch on a trackpad) it zooms the map.
      if (!evenement.ctrlKey) return;
      evenement.preventDefault();
      vue.zoomer(evenement.deltaY < 0 ? 1.25 : 0.8, vue.point(evenement));
    },
    { passive: false },
  );
}

function etiquettes(carte, formes, lignes) {
  const etiquette = document.createElement("div");
  etiquette.className = "carte-etiquette";
  etiquette.setAttribute("aria-hidden", "true"); // it shows the name that the link already has
  etiquette.hidden = true;
  carte.append(etiquette);
  const survol = document.createElementNS("http://www.w3.org/2000/svg", "path");
  survol.setAttribute("class", "carte-survol");

  const eteindre = () => {
    etiquette.hidden = true;
    survol.remove();
    carte.querySelectorAll(".carte-actif").forEach((forme) => forme.classList.remove("carte-actif"));
    lignes.forEach((ligne) => ligne.classList.remove("carte-ligne-active"));
  };
  const allumer = (forme) => {
    eteindre();
    forme.classList.add("carte-actif");
    lignes.get(forme.dataset.code)?.classList.add("carte-ligne-active");
    const trace = forme.querySelector("path");
    if (trace) {
      survol.setAttribute("d", trace.getAttribute("d")); // above its neighbours, whole outline seen
      carte.querySelector(".carte-vue").append(survol);
    }
    etiquette.textContent = forme.getAttribute("aria-label");
    etiquette.hidden = false;
    const [cadre, boite] = [carte.getBoundingClientRect(), forme.getBoundingClientRect()];
    const milieu = (Math.max(boite.left, cadre.left) + Math.min(boite.right, cadre.right)) / 2 - cadre.left;
    const gauche = Math.min(Math.max(milieu - etiquette.offsetWidth / 2, 0), cadre.width - etiquette.offsetWidth);
    const dessus = boite.top - cadre.top - etiquette.offsetHeight - 6;
    etiquette.style.left = `${gauche}px`;
    etiquette.style.top = `${dessus >= 0 ? dessus : Math.min(boite.bottom - cadre.top + 6, cadre.height)}px`;
  };
  const parCode = new Map();
  for (const forme of formes) {
    const titre = forme.querySelector("title");
    forme.setAttribute("aria-label", titre.textContent);
    titre.remove(); // the label replaces the browser's own tooltip
    if (forme.dataset.code) parCode.set(forme.dataset.code, forme);
  }
  // Listened to on the HTML around: an SVG element that listens to focus becomes a stop of Tab.
  const suivre = (racine, trouver) => {
    for (const debut of ["pointerover", "focusin"]) {
      racine.addEventListener(debut, (evenement) => {
        const forme = trouver(evenement.target);
        if (forme) allumer(forme);
      });
    }
    for (const fin of ["pointerout", "focusout"]) {
      racine.addEventListener(fin, (evenement) => trouver(evenement.target) && eteindre());
    }
  };
  suivre(carte, (cible) => cible.closest("a.carte-lien, g.carte-muet"));
  for (const [code, ligne] of lignes) {
    if (parCode.has(code)) suivre(ligne, () => parCode.get(code));
  }
  carte.addEventListener("keydown", (evenement) => evenement.key === "Escape" && eteindre());
}

function clavier(carte, liens, vue) {
  /* One stop of the Tab key for the whole map; arrows go to the nearest shape on that side. */
  const milieu = (lien) => {
    const { x, y, width, height } = lien.getBBox();
    return [x + width / 2, y + height / 2];
  };
  const elire = (lien) => {
    for (const autre of liens) autre.setAttribute("tabindex", autre === lien ? "0" : "-1");
  };
  const aller = (lien) => {
    elire(lien);
    vue.montrer(lien.getBBox());
    lien.focus({ preventScroll: false });
  };
  const vers = (depart, [dx, dy]) => {
    const [x0, y0] = milieu(depart);
    let [meilleur, moindre] = [null, Infinity];
    for (const lien of liens) {
      const [x, y] = milieu(lien);
      const avance = (x - x0) * dx + (y - y0) * dy;
      const travers = Math.abs((x - x0) * dy + (y - y0) * dx);
      const cout = avance + 2 * travers;
      if (lien !== depart && avance > 0 && avance >= travers / 2 && cout < moindre) {
        [meilleur, moindre] = [lien, cout];
      }
    }
    return meilleur;
  };
  elire(liens[0]);
  carte.addEventListener("focusin", (evenement) => {
    const lien = evenement.target.closest("a.carte-lien");
    if (lien) elire(lien);
  });
  carte.addEventListener("keydown", (evenement) => {
    const lien = evenement.target.closest("a.carte-lien");
    if (!lien || evenement.ctrlKey || evenement.metaKey || evenement.altKey) return;
    let cible = null;
    if (evenement.key in FLECHES) cible = vers(lien, FLECHES[evenement.key]);
    else if (evenement.key === "Home") cible = liens[0];
    else if (evenement.key === "End") cible = liens.at(-1);
    else return;
    evenement.preventDefault();
    if (cible) aller(cible);
  });
  carte.querySelector("desc")?.append(" Au clavier, les flèches passent d’une forme à l’autre.");
}

for (const carte of document.querySelectorAll("[data-carte]")) {
  const svg = carte.querySelector("svg.carte-dessin");
  const lignes = new Map(
    [...document.querySelectorAll("#tableau [data-code]")].map((ligne) => [ligne.dataset.code, ligne]),
  );
  const liens = [...svg.querySelectorAll("a.carte-lien")];
  const vue = new Vue(carte, svg);
  outils(carte, vue);
  gestes(svg, vue);
  etiquettes(carte, [...svg.querySelectorAll("a.carte-lien, g.carte-muet")], lignes);
  if (liens.length) clavier(carte, liens, vue);
}
