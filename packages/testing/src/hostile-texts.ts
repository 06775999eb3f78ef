/**
 * Texts that names, messages and files may hold, each written against one kind of place where they are shown: whoever
 * shows a text from outside is tried with all of them.
 */
export const HOSTILE_TEXTS = {
  // Terminals
  escape: '\u001b[2J\u001b[31mred\u001b[8mhidden',
  title: '\u001b]0;owned\u0007',
  link: '\u001b]8;;https://example.com\u001b\\here\u001b]8;;\u001b\\',
  clipboard: '\u001b]52;c;cm0gLXJm\u0007',
  'eight-bit': '\u009b2J\u009d0;owned\u009c\u0090q\u009c',
  controls: 'nul\0bell\u0007back\u0008\u0008space vertical\u000bform\u000cdelete\u007f',
  'carriage-return': 'failed\rfinished ',
  'line-break': 'one\ntwo\r\nthree\u0085four\u2028five\u2029six',
  bidi: 'user\u202e\u2066// admin\u2069\u2066 is\u202c\u200f',
  // Spreadsheets
  equals: '=HYPERLINK("https://example.com?"&A1,"x")',
  plus: "+1+cmd|' /C calc'!A0",
  minus: "-2+3+cmd|' /C calc'!A0",
  at: "@SUM(1+1)*cmd|' /C calc'!A0",
  'tab-equals': '\t=1+1',
  'return-equals': '\r=1+1',
  'space-equals': ' =1+1',
  'break-equals': '\n=1+1',
  'wide-equals': '\uff1d1+1',
  'quoted-equals': '","=1+1","',
  delimiters: 'a,b;c\td"e\'f',
  // Markup
  script: '<script>alert(1)</script>',
  'script-end': '</script><script>alert(1)</script><!--',
  image: '<img src=x onerror=alert(1)>',
  attribute: '" onmouseover="alert(1)" x="',
  apostrophe: "' onmouseover='alert(1)' x='",
  entity: '&lt;script&gt;&#60;b&amp;',
  details: '</details></summary></td></title></style><h1>',
  frame: '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  comment: '--><svg onload=alert(1)><!--',
  // Markdown
  'markdown-link': '[here](javascript:alert(1)) and ![x](https://example.com/pixel.png)',
  'markdown-reference': '[x][y]\n\n[y]: javascript:alert(1)',
  autolink: '<javascript:alert(1)> <https://example.com>',
  pipes: 'a|b \\| c || d\\',
  backticks: '`one` ``two`` ``` three',
  fence: '```\n</details>\n<script>alert(1)</script>\n```',
  emphasis: '*a* **b** __c__ _d_ ~~e~~',
  heading: '# one\n## two\n- three\n1. four\n> five\n---',
  'code-script': '`<script>alert(1)</script>`',
  // XML
  cdata: ']]><![CDATA[x]]>',
  processing: '<?xml version="1.1"?><!DOCTYPE x [<!ENTITY y "z">]>&y;',
  surrogates: 'lone \ud800 and \udc00 \ufffe\uffff',
  // Charts and templates
  signal: 'datum.x; \'a\' + "b" ${1} {{x}} %s $& $1',
  colour: 'color(ink) url(#x) id="y"',
} as const satisfies Record<string, string>;
