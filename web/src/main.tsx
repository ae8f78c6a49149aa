import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@xyflow/react/dist/base.css";
import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/page.css";
import "./style/parts.css";
import "./style/graph.css";
import "./style/plots.css";
import "./style/views.css";
import { App } from "./app";
import { followChanges } from "./live";

followChanges();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
