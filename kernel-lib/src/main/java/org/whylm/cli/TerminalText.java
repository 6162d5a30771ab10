package org.whylm.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.HexFormat;

/**
 * Text for a terminal in which data is data: control characters, which a terminal obeys, and marks that turn the direction of what
 * follows show as {@code \\uXXXX}, which in JSON means the same character.
 */
final class TerminalText extends FilterWriter {

    TerminalText(Writer out) {
        super(out);
    }

    /** A text so written. */
    static String of(String text) {
        var shown = new StringBuilder(text.length());
        for (char c : text.toCharArray()) {
            if (isObeyed(c)) {
                shown.append("\\u" + HexFormat.of().toHexDigits(c));
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }

    private static boolean isObeyed(char c) {
        boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
        boolean direction = c == '\u061c'
                || c == '\u200e'
                || c == '\u200f'
                || c >= '\u202a' && c <= '\u202e'
                || c >= '\u2066' && c <= '\u2069';
        return control || direction;
    }

    @Override
    public void write(int c) throws IOException {
        out.write(of(String.valueOf((char) c)));
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        out.write(of(new String(text, from, length)));
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        out.write(of(text.substring(from, from + length)));
    }
}
