type Node = { [key: string]: Node | string };
export const catalogues: Record<string, Node>;
export function texts(node: Node): Record<string, string>;
export function fields(text: string): Record<string, string[]>;
export function faults(language: string, catalogue: Node, reference: Node): string[];
