// The little of a framework that the views need: building elements, and bringing a list of elements in line with a list of items.

type Attributes = Record<string, string | boolean>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) {
      made.setAttribute(name, value === true ? '' : value);
    }
  }
  made.append(...children);
  return made;
}

// Writing the same text again would make screen readers say it again.
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

interface Row {
  readonly root: HTMLElement;
}

// Keeps one row per key, in the order of the items. Rows that stay keep their element, and with it focus and scroll position.
export class Rows<Item, R extends Row> {
  private readonly rows = new Map<string, R>();

  constructor(
    private readonly parent: HTMLElement,
    private readonly keyOf: (item: Item) => string,
    private readonly make: (item: Item) => R,
    private readonly update: (row: R, item: Item) => void,
  ) {}

  show(items: readonly Item[]): void {
    const keys = new Set(items.map(this.keyOf));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.root.remove();
        this.rows.delete(key);
      }
    }
    let expected = this.parent.firstElementChild;
    for (const item of items) {
      const row = this.rowFor(item);
      this.update(row, item);
      if (row.root === expected) {
        expected = expected.nextElementSibling;
      } else {
        this.parent.insertBefore(row.root, expected);
      }
    }
  }

  private rowFor(item: Item): R {
    const key = this.keyOf(item);
    let row = this.rows.get(key);
    if (!row) {
      row = this.make(item);
      this.rows.set(key, row);
    }
    return row;
  }
}
