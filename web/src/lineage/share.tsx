// A link to what is shown, and pictures of it.

import { Popover, PopoverDisclosure, PopoverProvider } from "@ariakit/react";
import { useState } from "react";
import { Icon } from "../ui/icons";
import { pictureOf, save, toPng } from "./picture";
import type { Scene } from "./scene";

export function CopyLink() {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setSaid("Copied");
    } catch {
      setSaid("Copy it from the address bar"); // some browsers keep the clipboard from pages on a disk
    }
    setTimeout(() => setSaid(""), 2500);
  };
  return (
    <button type="button" className="button button-bare" onClick={() => void copy()} title="Copy a link to what you see" aria-label="Copy a link">
      <Icon name="link" /><span role="status">{said}</span>
    </button>
  );
}

export function Pictures({ scene, title, focus = null }: { scene: Scene; title: string; focus?: number | null }) {
  const name = `lineage ${title}`.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 120);
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState("");
  const svg = () => {
    setOpen(false);
    save(new Blob([pictureOf(scene, focus)], { type: "image/svg+xml" }), `${name}.svg`);
  };
  const png = () => {
    toPng(pictureOf(scene, focus)).then((blob) => {
      setOpen(false);
      save(blob, `${name}.png`);
    }, () => setProblem("The graph is too large for a PNG: save it as SVG."));
  };
  return (
    <PopoverProvider placement="bottom-end" open={open} setOpen={setOpen}>
      <PopoverDisclosure className="button button-bare" aria-label="Save a picture" title="Save a picture"><Icon name="download" /></PopoverDisclosure>
      <Popover className="popover" gutter={6} aria-label="Picture">
        <button type="button" className="save-as" onClick={svg}>SVG<span>to scale and to edit</span></button>
        <button type="button" className="save-as" onClick={png}>PNG<span>to paste</span></button>
        {problem && <p className="note" role="alert">{problem}</p>}
      </Popover>
    </PopoverProvider>
  );
}
