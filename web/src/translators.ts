/**
 * Lets the browser's translator work on the page. It puts a `<font>` in the place of each text, and so takes away what
 * Preact holds on to: later texts would be written where nobody sees them. So each text stands in an element of its own,
 * keyed by the text: a new text is a new element, and the old one goes with whatever the translator made of it.
 */
import { h, options, type ComponentChild } from "preact";

/** No element of HTML, so that no style and no meaning comes with it. */
const TEXT = "x-text";

export function surviveTranslators(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    const props = vnode.props as { children?: ComponentChild | ComponentChild[] } | null;
    if (typeof vnode.type === "string" && vnode.type !== TEXT && props?.children !== undefined) props.children = wrapped(props.children);
    before?.(vnode);
  };
  keepPlace();
}

function wrapped(child: ComponentChild | ComponentChild[]): ComponentChild | ComponentChild[] {
  if (Array.isArray(child)) return child.map((one) => wrapped(one as ComponentChild) as ComponentChild);
  const text = typeof child === "number" || typeof child === "bigint" ? String(child) : child;
  return typeof text === "string" && text.trim() !== "" ? h(TEXT, { key: text }, text) : child;
}

/** A translator also moves elements, and Preact may then insert before one that stands elsewhere: before what it stands in, then. */
function keepPlace(): void {
  const insertBefore = Node.prototype.insertBefore;
  Node.prototype.insertBefore = function <T extends Node>(this: Node, node: T, next: Node | null): T {
    let place = next;
    while (place !== null && place.parentNode !== this) place = place.parentNode;
    return insertBefore.call(this, node, place) as T;
  };
}
