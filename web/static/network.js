// The artists around an artist as a map that grows by choosing one. The page has the same as a drawing and a table.

const part = document.getElementById("network-map");

function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

function styles() {
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    part.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const text = colour("--text");
  return [
    { selector: "node", style: { label: "data(name)", color: text, "background-color": colour("--control"), "font-size": 11, width: 14, height: 14, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "wrap", "text-max-width": 110 } },
    { selector: "node.chosen", style: { "background-color": colour("--accent"), width: 20, height: 20 } },
    { selector: "edge", style: { width: "mapData(tracks, 1, 10, 1, 6)", "line-color": colour("--line"), "curve-style": "haystack" } },
  ];
}

async function open() {
  const button = part.querySelector("button");
  const note = part.querySelector("p");
  const map = part.querySelector(".map");
  button.disabled = true;
  // Cytoscape adds a style element unless one has this id; the policy of the page refuses such elements.
  const marker = document.createElement("template");
  marker.id = "__________cytoscape_stylesheet";
  document.head.append(marker);
  await loaded(part.dataset.library);
  map.hidden = false;
  const graph = cytoscape({ container: map, style: styles(), maxZoom: 1.3, wheelSensitivity: 0.2 });

  async function add(address) {
    const response = await fetch(address);
    if (!response.ok) return;
    const { nodes, edges } = await response.json();
    for (const node of nodes) if (graph.getElementById(node.id).empty()) graph.add({ data: node });
    for (const edge of edges) {
      const id = [edge.source, edge.target].sort().join("\n");
      if (graph.getElementById(id).empty()) graph.add({ group: "edges", data: { id, ...edge } });
    }
    graph.nodes().removeClass("chosen");
    graph.getElementById(nodes[0].id).addClass("chosen");
    graph.layout({ name: "cose", animate: false, randomize: true, nodeRepulsion: () => 40_000, idealEdgeLength: () => 110, padding: 30 }).run();
    const link = document.createElement("a");
    link.href = nodes[0].address;
    link.dir = "auto";
    link.textContent = nodes[0].name;
    const around = nodes.length - 1;
    const count = around === 1 ? "1 artist" : `${around} artists`;
    note.replaceChildren(link, `: ${count} around it. Choose one to add those around that.`);
  }

  graph.on("tap", "node", (event) => add(`/network/${encodeURIComponent(event.target.id())}`));
  await add(part.dataset.source);
  button.remove();
}

if (part) {
  part.hidden = false;
  part.querySelector("button").addEventListener("click", open);
}
