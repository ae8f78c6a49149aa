// Zoom, and a small map of a large graph.

import { MiniMap, Panel, useReactFlow } from "@xyflow/react";
import { Icon } from "../ui/icons";

export function Tools({ fit, map }: { fit: () => void; map: boolean }) {
  const flow = useReactFlow();
  return (
    <>
      <Panel position="bottom-right" className="zoom">
        <button type="button" onClick={() => void flow.zoomIn()} aria-label="Zoom in" title="Zoom in"><Icon name="plus" /></button>
        <button type="button" onClick={() => void flow.zoomOut()} aria-label="Zoom out" title="Zoom out"><Icon name="minus" /></button>
        <button type="button" onClick={fit} aria-label="Show the whole graph" title="Show the whole graph"><Icon name="fit" /></button>
      </Panel>
      {map && <MiniMap pannable zoomable position="bottom-left" ariaLabel="Map of the graph" className="map" nodeBorderRadius={8} />}
    </>
  );
}
