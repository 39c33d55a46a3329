import type { ContainerLayout, SourceMember } from "./source-layout.ts";
import type { TextStyle } from "./text-style.ts";

/** Puts a container together again from members kept, members changed and members new, each with the white space it had. */
export class MemberList {
  readonly members: readonly SourceMember[];
  readonly colon: string;
  /** The indentation a new member gets; undefined when the container is on one line. */
  readonly marginOfNew: string | undefined;
  readonly #text: string;
  readonly #brackets: string;
  /** Before the first member, before a further one, and before the closing bracket. */
  readonly #firstLead: string;
  readonly #nextLead: string;
  readonly #closeLead: string;
  #written = "";

  constructor(text: string, layout: ContainerLayout, style: TextStyle, margin: string | undefined) {
    const { members, close } = layout;
    const first = members[0];
    const last = members.at(-1);
    this.#text = text;
    this.members = members;
    this.#brackets = text[close] === "]" ? "[]" : "{}";
    this.colon = style.colon;
    if (first === undefined || last === undefined) {
      const inner = margin === undefined || style.indent === "" ? undefined : margin + style.indent;
      this.#firstLead = inner === undefined ? "" : style.newline + inner;
      this.#nextLead = inner === undefined ? style.gap : this.#firstLead;
      this.#closeLead = inner === undefined ? "" : style.newline + (margin ?? "");
    } else {
      this.#firstLead = leadOf(text, first);
      this.#nextLead = first === last ? this.#leadAfterOnly(style) : leadOf(text, last);
      this.#closeLead = text.slice(last.valueEnd, close);
      if (last.key !== undefined) this.colon = colonOf(text, last) ?? style.colon;
    }
    this.marginOfNew = marginIn(this.#nextLead);
  }

  static empty(brackets: "[]" | "{}", style: TextStyle, margin: string | undefined): MemberList {
    return new MemberList(brackets, { members: [], close: 1 }, style, margin);
  }

  /** The indentation of the line the member is on; undefined when the container is on one line. */
  marginOf(member: SourceMember): string | undefined {
    return marginIn(leadOf(this.#text, member)) ?? this.marginOfNew;
  }

  keep(member: SourceMember): void {
    this.#append(member, this.#text.slice(member.start, member.valueEnd));
  }

  keepAt(index: number): void {
    const member = this.members[index];
    if (member !== undefined) this.keep(member);
  }

  replaceValue(member: SourceMember, value: string): void {
    this.#append(member, this.#text.slice(member.start, member.valueStart) + value);
  }

  replaceAt(index: number, value: string): void {
    const member = this.members[index];
    if (member !== undefined) this.replaceValue(member, value);
  }

  add(written: string): void {
    this.#written += this.#written === "" ? this.#firstLead : `,${this.#nextLead}`;
    this.#written += written;
  }

  toString(): string {
    const [open, close] = this.#brackets;
    return this.#written === "" ? this.#brackets : `${open}${this.#written}${this.#closeLead}${close}`;
  }

  #append(member: SourceMember, written: string): void {
    if (this.#written === "") this.#written = this.#firstLead + written;
    else if (member === this.members[0]) this.#written += `,${this.#nextLead}${written}`;
    // The comma is in the gap, with the blanks some hands put before it.
    else this.#written += this.#text.slice(member.gap, member.start) + written;
  }

  #leadAfterOnly(style: TextStyle): string {
    return this.#firstLead.includes("\n") ? this.#firstLead : style.gap;
  }
}

function leadOf(text: string, member: SourceMember): string {
  return text.slice(member.lead, member.start);
}

function colonOf(text: string, member: SourceMember): string | undefined {
  const colon = /[ \t]*:\s*$/.exec(text.slice(member.start, member.valueStart))?.[0];
  return colon === undefined || colon.includes("\n") ? undefined : colon;
}

function marginIn(lead: string): string | undefined {
  const lineBreak = lead.lastIndexOf("\n");
  return lineBreak === -1 ? undefined : lead.slice(lineBreak + 1);
}
