package org.whylm.report;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.whylm.run.Input;

/** Text made safe for HTML, and the look that all our output shares. */
public final class Html {

    /**
     * Style of a piece of notebook output. The colours of text come from the theme of JupyterLab or VS Code, or from what
     * surrounds the output; bars and translucent lines show on a light and on a dark background.
     */
    private static final String STYLE = "<style>\n" + Input.resource(Html.class, "output.css") + "</style>\n";

    /** Attribute of a cell that holds text. In the cell itself, because notebook front ends align cells by rules of their own. */
    public static final String LEFT = " style=\"text-align: left\"";

    /** The same of a text that is not to be broken into lines. */
    static final String LEFT_ONE_LINE = " style=\"text-align: left; white-space: nowrap\"";

    /** Attribute of a cell that holds a number. */
    public static final String RIGHT = " style=\"text-align: right\"";

    private Html() {}

    /**
     * Text as it may stand in an element or in a quoted attribute. Characters that XML forbids become U+FFFD; marks that turn the
     * direction of what follows, which would reach beyond the text, show as {@code \\uXXXX}.
     */
    public static String text(String text) {
        var safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> {
                    if (turns(c)) {
                        safe.append("\\u").append(Integer.toHexString(c));
                    } else {
                        safe.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
                    }
                }
            }
        });
        return safe.toString();
    }

    /** Classes of an element whose text is data: MathJax, of version 2 to 4, looks for no formulas in it. */
    public static final String NO_TEX = "tex2jax_ignore mathjax_ignore";

    /** A piece of notebook output: the style and the given markup in one block, in which no text is a formula. */
    public static String block(String markup) {
        return "<div class=\"whylm " + NO_TEX + "\">\n" + STYLE + markup + "</div>\n";
    }

    private static boolean turns(int c) {
        return c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
    }

    private static boolean isAllowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || c >= 0x20 && c <= 0xD7FF
                || c >= 0xE000 && c <= 0xFFFD
                || c >= 0x10000;
    }

    /**
     * A whole page that loads nothing, in the style of the reviewer's page.
     *
     * @param title its title, as text
     * @param main its content, as markup
     */
    public static String page(String title, String main) {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" + text(title)
                + "</title>\n<style>\n" + Input.resource(Html.class, "report.css")
                + "</style>\n</head>\n<body>\n<main class=\"" + NO_TEX + "\">\n"
                + main
                + "</main>\n</body>\n</html>\n";
    }

    /**
     * A chart in a page, as an image in it.
     *
     * @param caption as text
     * @param svg of {@link Figure#svg}
     */
    public static String figure(String caption, String svg) {
        return figure(" class=\"wide\"", text(caption), svg, "");
    }

    /**
     * The same with markup.
     *
     * @param link behind the caption; empty for none
     */
    static String figure(String attributes, String caption, String svg, String link) {
        return "<figure" + attributes + ">\n<img alt=\"" + caption + "\" src=\"data:image/svg+xml;base64,"
                + Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8)) + "\"/>\n<figcaption>"
                + caption + (link.isEmpty() ? "" : " · " + link) + "</figcaption>\n</figure>\n";
    }

    /** A table, as markup, that scrolls sideways on its own, also by keyboard, where the page is too narrow for it. */
    public static String scrolling(String label, String table) {
        return scrolling(label, table, "table");
    }

    static String scrolling(String label, String table, String kind) {
        return "<div class=\"scroll " + kind + "\" role=\"region\" tabindex=\"0\" aria-label=\"" + text(label) + "\">\n"
                + table + "</div>\n";
    }
}
