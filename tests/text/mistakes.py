"""Mistakes in YAML, each with what is said: line:column, rule, message, help."""

MISTAKES = {
    "blocks:\n\ts: 1\n": ("2:1 NIX042 the line is indented with a tab | indent with spaces"),
    "unit: %\n": ('1:7 NIX042 a text begins with `%` | put it between quotes: `unit: "%"`'),
    "x: {name: a, unit: %}\n": (
        '1:20 NIX042 a text begins with `%` | put it between quotes: `unit: "%"`'
    ),
    "unit: @home\n": ('1:7 NIX042 a text begins with `@` | put it between quotes: `unit: "@home"`'),
    "unit: `x`\n": ("1:7 NIX042 a text begins with a backtick | put it between quotes"),
    "unit: *\n": ('1:7 NIX042 a text begins with `*` | put it between quotes: `unit: "*"`'),
    "unit: &\n": ('1:7 NIX042 a text begins with `&` | put it between quotes: `unit: "&"`'),
    "unit: !\n": (
        "1:7 NIX044 `!` is a tag, expected a value without one"
        " | take it away; put a text that begins with `!` between quotes"
    ),
    "unit:mV\nlabel: x\n": (
        "1:5 NIX042 a space is missing after the colon of `unit:mV` | write `unit: mV`"
    ),
    "a:\n  unit:mV\n  label: x\n": (
        "2:7 NIX042 a space is missing after the colon of `unit:mV` | write `unit: mV`"
    ),
    "- name: x\n  unit:mV\n- name: y\n": (
        "2:7 NIX042 a space is missing after the colon of `unit:mV` | write `unit: mV`"
    ),
    'a: "x\nb: 1\n': (
        '1:4 NIX042 the quote (`"`) is not closed | close it with `"` where its text ends'
    ),
    "a: 'x\nb: 1\n": (
        "1:4 NIX042 the quote (`'`) is not closed | close it with `'` where its text ends"
    ),
    'a: "x\nb: "y"\nc: 1\n': (
        '1:4 NIX042 the quote (`"`) is closed in line 2 only, and text follows'
        " | close it where its text ends"
    ),
    "a: ['x, 1]\n": (
        "1:5 NIX042 the quote (`'`) is not closed | close it with `'` where its text ends"
    ),
    "a: [1, 2\nb: 1\n": ("1:4 NIX042 the `[` is not closed | close it with `]`"),
    "a: {x: 1\nb: 1\n": ("1:4 NIX042 the `{` is not closed | close it with `}`"),
    "x: {a: 1,\n b: 2\n": ("1:4 NIX042 the `{` is not closed | close it with `}`"),
    "a: [1, 2]]\n": ("1:10 NIX042 `]` closes nothing | take it away, or open a bracket"),
    "a: [1 2, 3}\n": ("1:11 NIX042 `}` closes what `[` opens in line 1 | close it with `]`"),
    "a: [x: y: z]\n": (
        "1:9 NIX042 a second `: ` stands in an item of the list"
        " | separate items with commas; put a text with `: ` in it between quotes"
    ),
    "key: value: value\n": (
        "1:11 NIX042 a second `: ` stands in the value of a key"
        ' | quote the value: `key: "value: value"`, or put keys below it into other lines'
    ),
    "time: at: noon # x\n": (
        "1:9 NIX042 a second `: ` stands in the value of a key"
        ' | quote the value: `time: "at: noon"`, or put keys below it into other lines'
    ),
    "a: b:\n  c: 1\n": (
        "1:5 NIX042 a second `: ` stands in the value of a key"
        ' | quote the value: `a: "b:"`, or put keys below it into other lines'
    ),
    "a: 1\n  b: 2\n": (
        "2:3 NIX042 the line is indented by 2 spaces, and line 1 above it has a value already"
        " | begin it in the first column like the key above, or take the value there away"
    ),
    "a: b\n c: d\n": (
        "2:2 NIX042 the line is indented by 1 space, and line 1 above it has a value already"
        " | begin it in the first column like the key above, or take the value there away"
    ),
    "a:\n  b: 1\n c: 2\n": (
        "3:2 NIX042 the line is indented by 1 space, which fits no line above"
        " | indent it by 0 or 2 spaces, like what it belongs to"
    ),
    "a:\n    b: 1\n  c: 2\n": (
        "3:3 NIX042 the line is indented by 2 spaces, which fits no line above"
        " | indent it by 0 or 4 spaces, like what it belongs to"
    ),
    "a:\n  - b: 1\n   c: 2\n": (
        "3:4 NIX042 the line is indented by 3 spaces, which fits no line above"
        " | indent it by 2 or 4 spaces, like what it belongs to"
    ),
    "a:\n  - b: 1\n    c: 2\n   d: 3\n": (
        "4:4 NIX042 the line is indented by 3 spaces, which fits no line above"
        " | indent it by 2 or 4 spaces, like what it belongs to"
    ),
    "a:\n  - x\n - y\n": (
        "3:2 NIX042 the list item is indented by 1 space, which fits no line above"
        " | indent it by 0 or 2 spaces, like what it belongs to"
    ),
    "a:\n- x\n b: 1\n": (
        "2:1 NIX042 `x` stands where a key is expected, and has no colon"
        " | write `key: value`; text that goes on in another line is indented deeper than its key"
    ),
    "a: 1\n- x\n": (
        "2:1 NIX042 a list item (`- `) stands among the keys that begin in line 1"
        " | indent the list deeper than the key that it belongs to"
    ),
    "- x\na: 1\n": (
        "2:1 NIX042 a key stands among the list items (`- `) that begin in line 1"
        " | indent it deeper than the item that it belongs to, or take it out of the list"
    ),
    "- - a\n - b\n": (
        "2:2 NIX042 the list item is indented by 1 space, which fits no line above"
        " | begin it in the first column, like what it belongs to"
    ),
    "a: - b\n": (
        "1:4 NIX042 a list item (`- `) stands in the line of its key"
        " | begin the list in the next line, or write it as `[a, b]`"
    ),
    "a: ? b\n": ('1:4 NIX042 a text begins with `? ` | put it between quotes: `a: "? b"`'),
    "a: : b\n": (
        "1:4 NIX042 a text begins with `: ` | write one colon only, or put the text between quotes"
    ),
    "a: x\nb\nc: 1\n": (
        "2:1 NIX042 `b` stands where a key is expected, and has no colon"
        " | write `key: value`; text that goes on in another line is indented deeper than its key"
    ),
    "a: # x\n  b #y\n  c: 1\n": (
        "2:3 NIX042 `b #y` stands where a key is expected, and has no colon"
        " | write `key: value`; text that goes on in another line is indented deeper than its key"
    ),
    "a: ]\n": ("1:4 NIX042 `]` stands where a value is expected | write a value"),
    "a: [1,\n": ("1:4 NIX042 the `[` is not closed | close it with `]`"),
    'path: "C:\\data"\n': (
        "1:10 NIX042 `\\d` is no escape"
        " | write `\\\\` for a backslash, or put the text between single quotes (`'`)"
    ),
    'a: "\\u12"\n': (
        "1:5 NIX042 the escape `\\u` lacks digits"
        " | write `\\\\` for a backslash, or put the text between single quotes (`'`)"
    ),
    'a: "\\U00110000"\n': (
        "1:5 NIX042 the escape `\\U` names no character"
        " | write `\\\\` for a backslash, or put the text between single quotes (`'`)"
    ),
    "a: 'it's'\n": (
        "1:8 NIX042 text goes on after the closing quote (`'`)"
        " | put all of it between quotes; between them `''` stands for `'`"
    ),
    'a: "x" y\n': (
        '1:8 NIX042 text goes on after the closing quote (`"`)'
        ' | put all of it between quotes; between them `\\"` stands for `"`'
    ),
    "a: [b] c\n": (
        "1:8 NIX042 text goes on after the end of a value"
        " | put a text with brackets, quotes or `&` at its beginning between quotes"
    ),
    "unit: |mV\n": (
        "1:7 NIX042 text stands behind `|`, which begins a block of lines"
        " | begin the block in the next line, or put a text that begins with `|` between quotes"
    ),
    "a: >5 mV\n": (
        "1:4 NIX042 text stands behind `>`, which begins a block of lines"
        " | begin the block in the next line, or put a text that begins with `>` between quotes"
    ),
    "a: 1\n---\nb: 2\n": (
        "2:1 NIX044 a second document begins here (`---`), expected one in a text"
        " | put it into a file of its own"
    ),
    "a: 1\n...\nb: 2\n": (
        "3:1 NIX042 text stands behind the end of the document"
        " | a document is one mapping: look at the indentation, and for a missing colon above"
    ),
    "%YAML 2.0\n---\na: 1\n": (
        "1:1 NIX042 the text is for another version of YAML"
        " | take the line that begins with `%YAML` away"
    ),
    "{{ name }}: 1\n": (
        "1:1 NIX044 the key is a mapping, expected a text"
        " | put a text that begins with `{`, `[` or `*` between quotes"
    ),
    "a: 1\nb: 2\na: 3\n": (
        "3:1 NIX043 the key `a` is there twice, the first in line 1"
        " | keep one of them, or give the other another name"
    ),
    "a: !!int 3\n": (
        "1:4 NIX044 `!!int` is a tag, expected a value without one"
        " | take it away; put a text that begins with `!` between quotes"
    ),
    "a: !e!x 1\n": (
        "1:4 NIX044 `!` begins a tag, expected a value without one"
        " | take it away; put a text that begins with `!` between quotes"
    ),
    "a: *b c\n": (
        "1:4 NIX042 `*b` repeats what `&b` marks, and nothing is marked so"
        " | mark it above, or put a text that begins with `*` between quotes"
    ),
    '"a"\nb: 1\n': (
        "2:1 NIX042 text stands behind the end of the document"
        " | a document is one mapping: look at the indentation, and for a missing colon above"
    ),
    "a: |\n\tx\n": ("2:1 NIX042 the line is indented with a tab | indent with spaces"),
}
