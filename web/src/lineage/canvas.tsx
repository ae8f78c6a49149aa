// The graph: React Flow moves and zooms it and draws what is in view; lines are our own.

import { type Node, ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi, type Viewport } from "@xyflow/react";
import { type KeyboardEvent, type ReactNode, useCallback, useLayoutEffect, useMemo, useRef } from "react";
import { type Acts, ActsContext } from "./acts";
import { Box } from "./box";
import { next, type Spot, spotOf } from "./keys";
import { HEADER, WIDTH } from "./layout";
import { Lines } from "./lines";
import { Lit, LitContext } from "./lit";
import { boundsOf, type Scene, type SceneBox } from "./scene";
import { Tools } from "./tools";

/** From so many boxes on, only those in view are in the page. */
const MANY = 60;
/** Text is not read below. */
const READABLE = 0.55;
/** Without a centre, less is enough to see what there is. */
const SEEN = 0.25;
/** How close a graph is looked at that is too large to be seen whole. */
const CLOSE = 0.85;

/** Height that is kept free at the top, for what is said there. */
const SAID = 40;

const TYPES = { box: Box };
// It is no editor: what its boxes are called otherwise says that they can be moved.
const ATTRIBUTES = { "aria-roledescription": undefined } as unknown as NonNullable<Node["domAttributes"]>;

export function Canvas(props: { scene: Scene; acts: Acts; label: string; children?: ReactNode }) {
  return (
    <ReactFlowProvider>
      <Inner {...props} />
    </ReactFlowProvider>
  );
}

function Inner({ scene, acts, label, children }: { scene: Scene; acts: Acts; label: string; children?: ReactNode }) {
  const lit = useMemo(() => new Lit(scene), [scene]);
  const entry = scene.boxes.some(({ id }) => id === acts.center) ? acts.center : scene.boxes[0]?.id;
  const nodes = useMemo(() => scene.boxes.map((box): Node => ({
    id: String(box.node), type: "box", position: { x: box.x, y: box.y }, width: WIDTH, height: box.height, data: { box, entry: box.id === entry },
    style: { pointerEvents: "all" }, domAttributes: ATTRIBUTES,
  })), [scene, entry]);
  const around = useRef<HTMLDivElement>(null);
  const fit = useView(scene, acts.center, around);
  const focus = useFocus(around);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") return acts.close();
    const target = event.target as Element;
    const at = spotOf(scene, target);
    if (!at || target.tagName === "INPUT") return;
    if (event.key === " " && at.slot !== null && acts.show) {
      event.preventDefault();
      return acts.show(at.slot);
    }
    const to = next(scene, at, event.key);
    if (event.key.startsWith("Arrow")) event.preventDefault();
    if (to) focus(to);
  };
  return (
    <ActsContext value={acts}>
      <LitContext value={lit}>
        <div
          className="canvas" ref={around} onKeyDown={keys} role="application" aria-label={label}
          // A button acts on the key going up too.
          onKeyUp={(event) => event.key === " " && event.preventDefault()}
        >
          <ReactFlow
            nodes={nodes} edges={[]} nodeTypes={TYPES} minZoom={0.04} maxZoom={1.6} onlyRenderVisibleElements={nodes.length > MANY}
            nodesDraggable={false} nodesConnectable={false} nodesFocusable={false} elementsSelectable={false} edgesFocusable={false}
            disableKeyboardA11y deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null} zoomOnDoubleClick={false}
            proOptions={{ hideAttribution: true }}
          >
            <Lines scene={scene} />
            <Tools fit={fit} map={nodes.length > 8} />
          </ReactFlow>
          {children}
        </div>
      </LitContext>
    </ActsContext>
  );
}

/** Shows a new graph whole, or its centre if whole is too small; keeps a changed one in its place. */
function useView(scene: Scene, center: string, around: { current: HTMLDivElement | null }): () => void {
  const flow = useReactFlow();
  const ready = useStore(({ panZoom }) => panZoom !== null);
  const last = useRef<{ center: string; scene: Scene } | null>(null);
  const middle = useMemo(() => scene.boxes.find(({ id }) => id === center), [scene, center]);
  const worst = scene.boxes[0];
  const whole = useCallback(() => {
    const { from, to } = boundsOf(scene.boxes);
    const zoom = zoomOf(scene, around.current!);
    void flow.setViewport(viewAt((from.x + to.x) / 2, (from.y + to.y) / 2 - SAID / 2 / zoom, zoom, around.current!));
  }, [scene, flow]);
  useLayoutEffect(() => {
    if (!ready || !scene.boxes.length) return;
    const before = last.current;
    last.current = { center, scene };
    const old = before?.center === center && before.scene.boxes.find(({ id }) => id === center);
    if (old && middle) {
      const view = flow.getViewport();
      void flow.setViewport({ ...view, x: view.x - (middle.x - old.x) * view.zoom, y: view.y - (middle.y - old.y) * view.zoom });
    } else if (zoomOf(scene, around.current!) >= (middle ? READABLE : SEEN)) {
      whole();
    } else {
      void flow.setViewport(closeTo(middle ?? worst!, scene, around.current!));
    }
  }, [scene, center, ready]);
  return whole;
}

/** The view of a box, no further into the void than the graph goes. */
function closeTo(box: SceneBox, scene: Scene, element: HTMLElement): Viewport {
  const { from, to } = boundsOf(scene.boxes);
  const [width, height] = [element.clientWidth / CLOSE, element.clientHeight / CLOSE];
  // Of a box that is higher than the window, the upper end.
  const half = Math.min(box.height, height - 80) / 2;
  const x = within(box.x + WIDTH / 2, from.x - 40 + width / 2, to.x + 40 - width / 2);
  const y = within(box.y + half, from.y - SAID - 20 + height / 2, to.y + 40 - height / 2);
  return viewAt(x, y, CLOSE, element);
}

/** A number between two others; in their middle if there is nothing between them. */
function within(value: number, least: number, most: number): number {
  return least > most ? (least + most) / 2 : Math.min(most, Math.max(least, value));
}

/** The view with a point in its middle. */
function viewAt(x: number, y: number, zoom: number, { clientWidth, clientHeight }: HTMLElement): Viewport {
  return { x: clientWidth / 2 - x * zoom, y: clientHeight / 2 - y * zoom, zoom };
}

function zoomOf(scene: Scene, { clientWidth, clientHeight }: HTMLElement): number {
  const { from, to } = boundsOf(scene.boxes);
  return Math.max(0.04, Math.min(1, (clientWidth - 48) / (to.x - from.x), (clientHeight - 48 - SAID) / (to.y - from.y)));
}

/** Gives the keyboard's focus to a spot, and brings it into view first. */
function useFocus(around: { current: HTMLDivElement | null }): (to: Spot) => void {
  const flow = useReactFlow();
  const store = useStoreApi();
  return (to) => {
    const find = () => around.current?.querySelector<HTMLElement>(to.slot === null ? `[data-head="${to.box.node}"]` : `[data-slot="${to.slot}"]`);
    const place = to.slot === null ? 0 : to.box.rows.findIndex(({ slot }) => slot === to.slot);
    const point = { x: to.box.x + WIDTH / 2, y: to.box.y + HEADER + place * 24 };
    const { transform: [x, y, zoom], width, height } = store.getState();
    const at = { x: point.x * zoom + x, y: point.y * zoom + y };
    const seen = at.x > 80 && at.x < width - 80 && at.y > 30 && at.y < height - 30;
    if (!seen) void flow.setCenter(point.x, point.y, { zoom: Math.max(zoom, 0.6) });
    const now = find();
    if (now) now.focus({ preventScroll: true });
    else requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus({ preventScroll: true })));
  };
}

export type { SceneBox };
